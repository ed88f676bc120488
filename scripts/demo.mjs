// Builds the package and a sample, then runs the sample in this process: `node scripts/demo.mjs 01-quickstart`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sample = join(root, 'sample', process.argv[2]);
let step;

endWithParent();
await run(join(root, 'scripts', 'ensure-installed.mjs'));
await run(join(root, 'scripts', 'build.mjs'));
await run(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', sample);
process.chdir(sample);
if (existsSync('demo.env')) process.loadEnvFile('demo.env');
await import(pathToFileURL(join(sample, 'dist', 'main.js')).href);

async function run(script, ...args) {
  step = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  const [code] = await once(step, 'exit');
  step = undefined;
  if (code !== 0) process.exit(code ?? 1);
}

/** A signal to npm ends the shell that npm started, and the shell does not pass it on. Take its end as the signal. */
function endWithParent() {
  const { ppid } = process;
  const watch = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(watch);
    step?.kill();
    process.kill(process.pid, 'SIGTERM');
  }, 200).unref();
}
