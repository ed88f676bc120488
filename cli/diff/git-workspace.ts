import { spawnSync } from 'node:child_process';
import { CommandError } from '../command.errors.js';
import {
  CONFIG_DIRECTORIES,
  SCHEMA_DIRECTORIES,
  type WorkspaceFile,
  type WorkspaceFiles,
} from '../workspace/workspace-files.js';
import { SETTINGS_FILE } from '../workspace/find-workspace.js';
import { gitFailed, gitMissing, noWorkspaceAt, type RevisionHint } from './diff.messages.js';

const MAX_OUTPUT = 1 << 30;
const DIRECTORIES = [...Object.keys(CONFIG_DIRECTORIES), ...SCHEMA_DIRECTORIES];

/**
 * Whether git knows a revision of that name in the repository of a workspace.
 *
 * @throws {CommandError} git is missing, or refuses to read the repository
 */
export function isRevision(datadir: string, revision: string): boolean {
  if (revision === '' || revision.startsWith('-')) return false;
  const args = ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`];
  const { status, stderr } = git(datadir, args);
  // With --quiet, git says something only if the name is not the problem.
  const problem = String(stderr);
  if (status !== 0 && problem !== '' && !NO_REPOSITORY.test(problem)) {
    throw new CommandError(gitFailed(problem));
  }
  return status === 0;
}

const NO_REPOSITORY = /not a git repository/;

/** Why git may not know a revision; `undefined` if nothing is unusual. */
export function revisionHint(datadir: string, revision: string): RevisionHint | undefined {
  const { status, stdout } = git(datadir, ['rev-parse', '--is-shallow-repository']);
  if (status !== 0) return 'no repository';
  // In CI, only the branches of the remote may exist.
  if (isRevision(datadir, `origin/${revision}`)) return 'remote branch';
  return String(stdout).trim() === 'true' ? 'shallow' : undefined;
}

/**
 * Reads a workspace as it was at a revision, from the repository that it is in.
 *
 * @param revision a name that `isRevision` knows
 * @throws {CommandError} the directory was no workspace then
 */
export function workspaceAt(datadir: string, revision: string): WorkspaceFiles {
  const blobs = entriesAt(datadir, revision);
  const texts = contentsOf(
    datadir,
    blobs.map(({ id }) => id),
  );
  const files = blobs.map(({ path }, index): WorkspaceFile => {
    const text = texts[index];
    const directory = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
    return { path, directory, text, content: text === undefined ? undefined : parsed(text) };
  });
  const settings = files.find(({ path }) => path === SETTINGS_FILE);
  if (settings === undefined) throw new CommandError(noWorkspaceAt(datadir, revision));
  return {
    datadir: `${revision}:${datadir}`,
    settings,
    files: files.filter((file) => file !== settings),
    strays: [],
    otherDirectories: [],
  };
}

/** The files that belong to a workspace, below the directory, in the order in which the SDK reads them. */
function entriesAt(datadir: string, revision: string): { path: string; id: string }[] {
  const { status, stdout, stderr } = git(datadir, ['ls-tree', '-r', '-z', `${revision}^{commit}`]);
  if (status !== 0) throw new CommandError(gitFailed(String(stderr)));
  const entries = String(stdout)
    .split('\0')
    .flatMap((line) => {
      const [, mode, id, path] = /^(\d+) blob (\S+)\t([^]*)$/.exec(line) ?? [];
      return id !== undefined && mode !== SYMBOLIC_LINK && isDocument(path!)
        ? [{ path: path!, id }]
        : [];
    });
  return entries.sort((one, other) => placeOf(one.path) - placeOf(other.path));
}

const placeOf = (path: string): number => DIRECTORIES.indexOf(path.split('/')[0]!);

const SYMBOLIC_LINK = '120000';

function isDocument(path: string): boolean {
  if (path === SETTINGS_FILE) return true;
  const [directory, name, ...deeper] = path.split('/');
  if (name === undefined || deeper.length > 0 || !DIRECTORIES.includes(directory!)) return false;
  return name.endsWith('.json') && !name.startsWith('.');
}

/** The contents of blobs; `undefined` for one that is not UTF-8. One process reads all of them. */
function contentsOf(datadir: string, ids: readonly string[]): (string | undefined)[] {
  if (ids.length === 0) return [];
  const { status, stdout, stderr } = git(datadir, ['cat-file', '--batch'], `${ids.join('\n')}\n`);
  if (status !== 0) throw new CommandError(gitFailed(String(stderr)));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  return ids.map(() => {
    const headerEnd = stdout.indexOf(0x0a, at);
    const size = Number(stdout.toString('latin1', at, headerEnd).split(' ')[2]);
    const content = stdout.subarray(headerEnd + 1, headerEnd + 1 + size);
    at = headerEnd + size + 2;
    try {
      return decoder.decode(content);
    } catch {
      return undefined;
    }
  });
}

function git(
  directory: string,
  args: readonly string[],
  input?: string,
): { status: number | null; stdout: Buffer; stderr: Buffer } {
  const { error, status, stdout, stderr } = spawnSync('git', ['-C', directory, ...args], {
    ...(input !== undefined && { input }),
    maxBuffer: MAX_OUTPUT,
    // Messages are recognized, so they must not be translated.
    env: { ...process.env, LC_ALL: 'C' },
    windowsHide: true,
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    throw new CommandError(gitMissing());
  }
  if (error !== undefined) throw new CommandError(gitFailed(error.message));
  return { status, stdout, stderr };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
