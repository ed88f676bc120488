import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sampleWorkspace = join(root, 'sample', 'workspace');

/** Generous: the demo compiles the library and the sample before it listens. */
export const START_LIMIT_MS = 120_000;

export interface Board {
  environment: string;
  users: { title: string }[];
  rows: { file: string; cells: { value: unknown; reason: string }[] }[];
}

/** A copy of the sample's workspace in a temporary folder, to be edited freely. */
export class WorkspaceCopy {
  static async create(): Promise<WorkspaceCopy> {
    const path = await mkdtemp(join(tmpdir(), 'quonfig-quickstart-'));
    await cp(sampleWorkspace, path, { recursive: true });
    return new WorkspaceCopy(path);
  }

  private constructor(readonly path: string) {}

  /** Replaces a text that must be in the file, the way an editor saves: write over it. */
  async edit(file: string, before: string, after: string): Promise<void> {
    const text = await readFile(join(this.path, file), 'utf8');
    if (!text.includes(before)) throw new Error(`${file} does not contain ${before}`);
    await writeFile(join(this.path, file), text.replace(before, after));
  }

  async restore(file: string): Promise<void> {
    await cp(join(sampleWorkspace, file), join(this.path, file));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export interface Demo {
  url: string;
  /** Everything printed so far. */
  output(): string;
  /** The values of a file's config, one for each user. */
  values(file: string): Promise<unknown[]>;
  /** Signals the whole process group, as a terminal does at Ctrl+C; resolves when all output is closed. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Runs `npm run demo` in a process group of its own, and resolves when it has printed what to open. */
export async function startDemo(env: Record<string, string>): Promise<Demo> {
  const child = spawn('npm', ['run', 'demo'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', PORT: '0', ...env },
  });
  let printed = '';
  // 'close' comes when no process of the group holds the output any more: the application has ended too.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // The group has ended already.
    }
    await closed;
  };

  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}\n${printed}`));
    const limit = setTimeout(() => fail('The demo printed no address in time:'), START_LIMIT_MS);
    const collect = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = /Open +(http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
      if (found !== undefined) {
        clearTimeout(limit);
        resolve(found);
      }
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => fail(error.message));
    void closed.then(() => fail('The demo ended before it listened:'));
  }).catch(async (error: unknown) => {
    await stop('SIGKILL');
    throw error;
  });

  return {
    url,
    output: () => printed,
    stop,
    values: async (file) => {
      const response = await fetch(`${url}/values`);
      return valuesOf((await response.json()) as Board, file);
    },
  };
}

export function valuesOf(board: Board, file: string): unknown[] {
  const row = board.rows.find((candidate) => candidate.file === file);
  if (row === undefined) throw new Error(`The board has no row for ${file}`);
  return row.cells.map((cell) => cell.value);
}

/** The boards that the demo's event stream sends, until the signal aborts. */
export async function* streamBoards(url: string, signal: AbortSignal): AsyncGenerator<Board> {
  const response = await fetch(`${url}/events`, { signal });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const line = event.split('\n').find((candidate) => candidate.startsWith('data:'));
      if (line !== undefined) yield JSON.parse(line.slice('data:'.length)) as Board;
    }
  }
}

/** The machine's Chromium: CHROMIUM_PATH, else where Debian installs it. */
export function findChromium(): string | undefined {
  const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  return existsSync(path) ? path : undefined;
}

/** A headless browser with a fresh profile that talks to nobody but the page. */
export async function launchChromium(executablePath: string | undefined): Promise<Browser> {
  if (executablePath === undefined) {
    throw new Error(
      'No Chromium found: install it (apt-get install chromium) or set CHROMIUM_PATH',
    );
  }
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
