import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface ChildOptions {
  readonly cwd?: string;
  /** Variables in addition to those of this process. */
  readonly env?: Record<string, string>;
  /** Opens a channel for `ask` and `receive`. */
  readonly messages?: boolean;
  /** User and group of the child; only root may set them. */
  readonly uid?: number;
  /** Makes the child lead a process group, and signals reach the whole group, like Ctrl+C in a terminal. */
  readonly group?: boolean;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process with everything it printed. It never outlives the process that started it. */
export class Child {
  /** Everything printed so far to stdout. */
  stdout = '';
  /** Everything printed so far, stderr included. */
  output = '';
  /** Resolves when the process has ended and its output is closed. */
  readonly ended: Promise<Ending>;
  private readonly process: ChildProcess;

  private constructor(
    command: string,
    args: readonly string[],
    private readonly options: ChildOptions,
  ) {
    this.process = spawn(command, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
      detached: options.group ?? false,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.messages ? (['ipc'] as const) : [])],
    });
    this.process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.output += text;
    });
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.process.on('error', (error) => (this.output += error.message));
    const kill = (): void => this.kill('SIGKILL');
    process.once('exit', kill);
    this.ended = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        process.off('exit', kill);
        resolve({ code, signal });
      });
    });
  }

  /** Starts a command. Whoever starts it ends it. */
  static start(command: string, args: readonly string[], options: ChildOptions = {}): Child {
    return new Child(command, args, options);
  }

  /** Runs Node with these arguments. The end of the test kills it. */
  static node(args: readonly string[], options: ChildOptions = {}): Child {
    const child = new Child(process.execPath, args, options);
    onTestFinished(() => child.kill('SIGKILL'));
    return child;
  }

  /** Sends a signal, unless the process has ended. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.process;
    if (pid === undefined) return;
    try {
      // A group can outlive its leader.
      if (this.options.group) process.kill(-pid, signal);
      else this.process.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  /** Sends a signal to the first process of the group alone, as process managers do. */
  killLeader(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Whether any process of the group is left. */
  get groupIsAlive(): boolean {
    try {
      return process.kill(-this.process.pid!, 0);
    } catch {
      return false;
    }
  }

  /** Waits until the output matches. Fails when the process ends first or the timeout passes. */
  printed(pattern: RegExp, limitMs = 20_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${why}\n${this.output}`));
      const limit = setTimeout(
        () => fail(`Nothing printed within ${limitMs} ms matches ${pattern}:`),
        limitMs,
      );
      const check = (): void => {
        const match = pattern.exec(this.output);
        if (match === null) return;
        clearTimeout(limit);
        resolve(match);
      };
      this.process.stdout!.on('data', check);
      this.process.stderr!.on('data', check);
      check();
      this.process.once('close', () => {
        clearTimeout(limit);
        fail(`The process ended before it printed ${pattern}:`);
      });
    });
  }

  /** The next message that the process sends. */
  async receive(): Promise<unknown> {
    const ended = this.ended.then(() => {
      throw new Error(`The process ended before it sent a message:\n${this.output}`);
    });
    const [message] = await Promise.race([once(this.process, 'message'), ended]);
    return message;
  }

  /** Sends a message and returns the reply. */
  ask(message: object): Promise<unknown> {
    const reply = this.receive();
    this.process.send(message);
    return reply;
  }
}
