import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../support/child-process.js';
import { jsonEvents } from '../support/json-events.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sampleWorkspace = join(root, 'sample', 'workspace');

/** Generous: the demo compiles the library and the sample before it listens. */
export const START_TIMEOUT_MS = 120_000;

export interface Board {
  environment: string;
  users: { title: string }[];
  brokenFile: string | null;
  rows: { file: string; cells: { value: unknown; reason: string; targeting?: string }[] }[];
}

/** A copy of a sample's workspace in a temporary folder, free to edit. */
export class WorkspaceCopy {
  static async create(original = sampleWorkspace): Promise<WorkspaceCopy> {
    const path = await mkdtemp(join(tmpdir(), 'quonfig-sample-'));
    await cp(original, path, { recursive: true });
    return new WorkspaceCopy(path, original);
  }

  private constructor(
    readonly path: string,
    private readonly original: string,
  ) {}

  /** Replaces a string that must be in the file, in place as editors save. */
  async edit(file: string, before: string, after: string): Promise<void> {
    const text = await readFile(join(this.path, file), 'utf8');
    if (!text.includes(before)) throw new Error(`${file} does not contain ${before}`);
    await writeFile(join(this.path, file), text.replace(before, after));
  }

  async restore(file: string): Promise<void> {
    await cp(join(this.original, file), join(this.path, file));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export interface Demo {
  url: string;
  /** Everything printed so far. */
  output(): string;
  board(): Promise<Board>;
  /** The values of the config in a file, one per user. */
  values(file: string): Promise<unknown[]>;
  /** Signals the whole process group, as a terminal does at Ctrl+C; resolves when all output is closed. */
  stop(signal: NodeJS.Signals): Promise<void>;
  child: Child;
}

/** Runs `npm run demo` in its own process group, and resolves once it has printed its URL. */
export async function startDemo(env: Record<string, string>): Promise<Demo> {
  const child = Child.start('npm', ['run', 'demo'], {
    cwd: root,
    group: true,
    env: { NO_COLOR: '1', PORT: '0', ...env },
  });
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    // The output closes only after every process of the group has exited, including the application.
    await child.ended;
  };
  const url = await child
    .printed(/Open +(http:\/\/127\.0\.0\.1:\d+)\/quonfig\s/, START_TIMEOUT_MS)
    .then((match) => match[1]!)
    .catch(async (error: unknown) => {
      await stop('SIGKILL');
      throw error;
    });

  const board = async (): Promise<Board> => (await (await fetch(`${url}/values`)).json()) as Board;
  return {
    url,
    output: () => child.output,
    stop,
    child,
    board,
    values: async (file) => valuesOf(await board(), file),
  };
}

export function valuesOf(board: Board, file: string): unknown[] {
  const row = board.rows.find((candidate) => candidate.file === file);
  if (row === undefined) throw new Error(`The board has no row for ${file}`);
  return row.cells.map((cell) => cell.value);
}

/** The boards that the demo's event stream sends, until the signal aborts. */
export function streamBoards(url: string, signal: AbortSignal): AsyncGenerator<Board> {
  return jsonEvents<Board>(`${url}/events`, signal);
}
