import { root } from '../docs/page.js';
import { Child } from '../support/child-process.js';
import { START_TIMEOUT_MS } from './quickstart-support.js';

/** A sample, running in its own process group. */
export class RunningSample {
  /** Runs a script of the repository, and resolves once it has printed its URL. */
  static async start(script: string, env: Record<string, string> = {}): Promise<RunningSample> {
    const child = Child.start('npm', ['run', script], {
      cwd: root,
      group: true,
      env: { NO_COLOR: '1', PORT: '0', ...env },
    });
    try {
      const [, url] = await child.printed(/, at (http:\/\/127\.0\.0\.1:\d+)\s/, START_TIMEOUT_MS);
      return new RunningSample(child, url!);
    } catch (error) {
      child.kill('SIGKILL');
      await child.ended;
      throw error;
    }
  }

  private constructor(
    private readonly child: Child,
    readonly url: string,
  ) {}

  /** Everything printed so far. */
  get output(): string {
    return this.child.output;
  }

  /** Waits until the output matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.child.printed(pattern);
  }

  /** Signals the whole process group, as a terminal does at Ctrl+C; resolves when all output is closed. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal);
    await this.child.ended;
  }
}
