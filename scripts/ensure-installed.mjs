// Installs the locked dependencies if they are missing or differ, so that `npm test` and
// `npm run demo` work on a fresh clone.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './installed.mjs';
import { withLock } from './lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!isInstalled(root)) {
  await withLock(root, 'install', () => {
    if (!isInstalled(root)) install();
  });
}

function install() {
  console.error('Installing the dependencies from package-lock.json (npm ci) …');
  // Install development packages and all workspaces, regardless of NODE_ENV and `omit`.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const env = { ...process.env };
  delete env.npm_config_workspace;
  delete env.npm_config_workspaces;
  const npm = npmCommand();
  const { status, error } = spawnSync(npm.file, [...npm.args, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: npm.shell,
  });
  if (error || status !== 0) {
    console.error('The installation failed. Run `npm ci` to see why.');
    process.exitCode = status || 1;
  }
}

/** The npm that started this script, else the one on the path (a shell script on Windows). */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return { file: process.execPath, args: [cli], shell: false };
  return { file: 'npm', args: [], shell: process.platform === 'win32' };
}
