import type { SdkLogger } from '../../lib/index.js';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Records every message with its level, in order. */
export class RecordingLogger implements SdkLogger {
  private readonly entries: { level: Level; message: string }[] = [];

  debug(message: string): void {
    this.entries.push({ level: 'debug', message });
  }

  info(message: string): void {
    this.entries.push({ level: 'info', message });
  }

  warn(message: string): void {
    this.entries.push({ level: 'warn', message });
  }

  error(message: string): void {
    this.entries.push({ level: 'error', message });
  }

  /** The messages of these levels; without arguments, of all. */
  messages(...levels: Level[]): string[] {
    return this.entriesOf(levels).map(({ message }) => message);
  }

  /** Like `messages`, each as `level message`. */
  lines(...levels: Level[]): string[] {
    return this.entriesOf(levels).map(({ level, message }) => `${level} ${message}`);
  }

  /** Warnings and errors, as lines. */
  get problems(): string[] {
    return this.lines('warn', 'error');
  }

  /** All lines as one string. */
  get text(): string {
    return this.lines().join('\n');
  }

  clear(): void {
    this.entries.length = 0;
  }

  private entriesOf(levels: Level[]): { level: Level; message: string }[] {
    if (levels.length === 0) return this.entries;
    return this.entries.filter(({ level }) => levels.includes(level));
  }
}
