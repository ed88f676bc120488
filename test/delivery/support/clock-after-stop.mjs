// Preloaded into a process: whenever it continues after SIGSTOP, its wall clock jumps ahead by ten minutes.
const STANDSTILL_MS = 600_000;
const now = Date.now;
let passed = 0;
process.on('SIGCONT', () => {
  passed += STANDSTILL_MS;
});
Date.now = () => now() + passed;
