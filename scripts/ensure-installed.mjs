// Installs the locked dependencies when they are missing or differ, otherwise does nothing, so that
// `npm test` and `npm run demo` work on a fresh clone with nothing else done.
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
  console.error('Installing the dependencies of package-lock.json (npm ci) …');
  // Development packages are wanted whatever NODE_ENV or `omit` say, and all workspaces at once.
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
    console.error('The installation failed: run `npm ci` by hand and read what it says.');
    process.exitCode = status || 1;
  }
}

/** The npm that started this script, else the one on the path (a shell script on Windows). */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return { file: process.execPath, args: [cli], shell: false };
  return { file: 'npm', args: [], shell: process.platform === 'win32' };
}
