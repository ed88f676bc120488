// Loaded before a process: whenever it goes on after it was stopped, its wall clock says that ten minutes have passed.
const STANDSTILL_MS = 600_000;
const now = Date.now;
let passed = 0;
process.on('SIGCONT', () => {
  passed += STANDSTILL_MS;
});
Date.now = () => now() + passed;
