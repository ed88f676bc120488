import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { styleFor, type Style } from './style.js';

/** Work that takes longer than this reports its progress, in ms. */
const PROGRESS_AFTER_MS = 1_000;
const PROGRESS_INTERVAL_MS = 200;

interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What a command reads and prints: results on stdout, everything else on stderr. */
export class Terminal {
  /** Whether notes and progress are dropped. */
  quiet = false;
  /** Colors for results. */
  readonly style: Style;
  /** Colors for notes and errors. */
  readonly noteStyle: Style;

  /**
   * The terminal of this process. What a reader that closes the pipe early, such as `head`, does not want is dropped; the
   * command ends as it would have, with its own exit code.
   */
  static ofProcess(): Terminal {
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
      });
    }
    return new Terminal(process, process.env);
  }

  constructor(
    private readonly streams: Streams,
    env: NodeJS.ProcessEnv,
  ) {
    this.style = styleFor(streams.stdout, env);
    this.noteStyle = styleFor(streams.stderr, env);
  }

  /** Whether a person reads the results. */
  get isInteractive(): boolean {
    return this.streams.stdout.isTTY;
  }

  /** Prints a line of the result. */
  print(line: string): void {
    this.streams.stdout.write(`${line}\n`);
  }

  /** Prints a line that is not part of the result. */
  note(line: string): void {
    if (!this.quiet) this.streams.stderr.write(`${line}\n`);
  }

  /** Prints an error. */
  fail(line: string): void {
    this.streams.stderr.write(`${line}\n`);
  }

  /**
   * Starts to report the progress of one piece of work, on one line of a terminal, once it takes more than a second.
   *
   * @param what the work, e.g. `Checking files`
   */
  progress(what: string): Progress {
    return new Progress(what, this.quiet ? undefined : this.streams.stderr);
  }

  /**
   * Returns what is typed or piped into the command, without the final line break. What is typed is not shown.
   *
   * @param question asks for it, if a person has to type it
   */
  async read(question: string): Promise<string> {
    const { stdin, stderr } = this.streams;
    if (!stdin.isTTY) return (await readAll(stdin)).replace(/\r?\n$/, '');
    stderr.write(question);
    const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: stdin, output: hidden, terminal: true });
    try {
      return await new Promise<string>((resolve, reject) => {
        lines.once('line', resolve);
        lines.once('SIGINT', () => reject(new Error('interrupted')));
        lines.once('close', () => resolve(''));
      });
    } finally {
      lines.close();
      stderr.write('\n');
    }
  }
}

/** The progress of one piece of work. */
export class Progress {
  private readonly start = performance.now();
  private printed = 0;

  constructor(
    private readonly what: string,
    private readonly stream: NodeJS.WriteStream | undefined,
  ) {}

  /** Reports how much is done. Cheap enough for every item. */
  report(done: number, total: number): void {
    if (!this.stream?.isTTY) return;
    const now = performance.now();
    const due =
      this.printed === 0 ? this.start + PROGRESS_AFTER_MS : this.printed + PROGRESS_INTERVAL_MS;
    if (now < due) return;
    this.printed = now;
    this.stream.write(`\r${this.what}: ${done} of ${total}`);
  }

  /** Removes the line. */
  end(): void {
    if (this.printed > 0) this.stream?.write(`\r${' '.repeat(this.what.length + 30)}\r`);
  }
}
