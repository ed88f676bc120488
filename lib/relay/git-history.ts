import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 16_777_216;
/** Keeps git from running programs that a repository names, and from writing. */
const SAFE = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

/** Asks git about a directory and some paths in it. */
export class GitHistory {
  constructor(
    private readonly directory: string,
    private readonly paths: readonly string[],
  ) {}

  /** Whether git tracks at least one of the paths. `false` too if the directory is in no repository. */
  async tracks(): Promise<boolean> {
    try {
      return (await this.git('ls-files', '--', ...this.paths)) !== '';
    } catch (error) {
      // 128: not a repository, or one that git does not trust.
      if (isNotRepository(error)) return false;
      throw error;
    }
  }

  async isShallow(): Promise<boolean> {
    return (await this.git('rev-parse', '--is-shallow-repository')).trim() === 'true';
  }

  /** The id of the current commit. */
  async head(): Promise<string> {
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /**
   * The number of commits up to and including a commit: it grows with every later commit, and is the same in every complete
   * clone.
   */
  async commitsUpTo(commit: string): Promise<number> {
    return Number(await this.git('rev-list', '--count', commit));
  }

  /** Whether a path differs from the current commit, or is unknown to it. */
  async hasEdits(): Promise<boolean> {
    const status = ['status', '--porcelain', '--untracked-files=all', '--ignored=traditional'];
    return (await this.git(...status, '--', ...this.paths)) !== '';
  }

  private async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', [...SAFE, '-C', this.directory, ...args], {
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { ...withoutGit(process.env), GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    });
    return stdout;
  }
}

/** Leaves out variables such as `GIT_DIR`, which would name another repository. */
function withoutGit(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('GIT_')));
}

function isNotRepository(error: unknown): boolean {
  const { stderr } = error as { stderr?: unknown };
  return typeof stderr === 'string' && /not a git repository/i.test(stderr);
}

/** Describes a failure of git in a few words. */
export function gitFailure(error: unknown): string {
  const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: unknown };
  if (code === 'ENOENT') return 'the program git is not installed';
  if (killed) return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const [line = ''] = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  return line.slice(0, 200) || `exit code ${String(code)}`;
}
