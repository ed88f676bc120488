import type { QuonfigLogger } from '../../../lib/index.js';

/** Keeps what is logged, as `level message`. */
export class RecordingLogger implements QuonfigLogger {
  readonly lines: string[] = [];

  info(message: string): void {
    this.lines.push(`info ${message}`);
  }

  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }

  error(message: string): void {
    this.lines.push(`error ${message}`);
  }

  get problems(): string[] {
    return this.lines.filter((line) => !line.startsWith('info'));
  }
}
