type Level = 'debug' | 'info' | 'warn' | 'error';

/** A logger that keeps what it is given. */
export class RecordedLog {
  readonly lines: { level: Level; message: string }[] = [];

  debug(message: string): void {
    this.lines.push({ level: 'debug', message });
  }
  info(message: string): void {
    this.lines.push({ level: 'info', message });
  }
  warn(message: string): void {
    this.lines.push({ level: 'warn', message });
  }
  error(message: string): void {
    this.lines.push({ level: 'error', message });
  }

  at(level: Level): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
