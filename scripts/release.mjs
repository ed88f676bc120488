// Prepares a release: version, changelog section, commit and tag. Publishing stays a separate step.
// Usage: node scripts/release.mjs <version> [--dry-run]
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dryRun = process.argv.includes('--dry-run');
const [version] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

try {
  release();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function release() {
  const manifest = JSON.parse(read('package.json'));
  checkVersion(manifest.version);
  const changes = {
    'package.json': withVersion('package.json'),
    'package-lock.json': withVersion('package-lock.json'),
    'lib/delivery/sdk-version.ts': withConstant('lib/delivery/sdk-version.ts', manifest.version),
    'CHANGELOG.md': withSection(read('CHANGELOG.md')),
  };
  const files = Object.keys(changes);
  if (dryRun) {
    console.log(`Would release ${version} (now ${manifest.version}): ${files.join(', ')}`);
  } else {
    if (git('status', '--porcelain') !== '')
      throw new Error('Commit or stash your changes before a release.');
    for (const [file, text] of Object.entries(changes)) writeFileSync(join(root, file), text);
    git('commit', '--quiet', '--message', `chore: release ${version}`, '--', ...files);
    git('tag', '--annotate', `v${version}`, '--message', `v${version}`);
    console.log(`Committed and tagged v${version}.`);
  }
  console.log('Then run:\n  npm publish --provenance\n  git push --follow-tags');
}

function checkVersion(current) {
  if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version ?? ''))
    throw new Error('Usage: node scripts/release.mjs <version> [--dry-run], such as 1.2.0');
  if (!isNewer(version, current))
    throw new Error(`${version} is not newer than the current version, ${current}.`);
}

/** Compares major, minor and patch; a release is newer than its own prereleases. */
function isNewer(next, current) {
  const [left, right] = [next, current].map((text) => text.split('-')[0].split('.').map(Number));
  const at = left.findIndex((number, index) => number !== right[index]);
  if (at >= 0) return left[at] > right[at];
  return current.includes('-') && next !== current;
}

/** Both manifests name the version at the top; the lock file repeats it for the root package. */
function withVersion(file) {
  const json = JSON.parse(read(file));
  json.version = version;
  if (json.packages) json.packages[''].version = version;
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Requests name the version too. */
function withConstant(file, current) {
  return read(file).replace(`'${current}'`, `'${version}'`);
}

/** Moves the entries under "Unreleased" to a new section, dated today. */
function withSection(changelog) {
  const heading = '## [Unreleased]';
  const [before, after] = changelog.split(heading);
  if (after === undefined) throw new Error(`CHANGELOG.md has no section "${heading}".`);
  if (after.split('\n## ')[0].trim() === '')
    throw new Error('CHANGELOG.md lists nothing under "Unreleased": there is nothing to release.');
  const today = new Date().toISOString().slice(0, 10);
  return `${before}${heading}\n\n## [${version}] - ${today}${after}`;
}

function read(file) {
  return readFileSync(join(root, file), 'utf8');
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}
