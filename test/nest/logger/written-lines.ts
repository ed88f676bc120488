import { type LoggerService, Logger } from '@nestjs/common';
import { onTestFinished, vi } from 'vitest';

/** What Nest's `Logger` passes messages to. */
interface Statics {
  staticInstanceRef: LoggerService | undefined;
  logLevels: unknown;
}

/** Makes a logger that of the application until the test ends. */
export function useLogger(logger: LoggerService): void {
  restoreLogger();
  Logger.overrideLogger(logger);
}

/** Restores Nest's own logger when the test ends. */
export function restoreLogger(): void {
  const statics = Logger as unknown as Statics;
  const { staticInstanceRef, logLevels } = statics;
  onTestFinished(() => {
    statics.staticInstanceRef = staticInstanceRef;
    statics.logLevels = logLevels;
    Logger.flush();
  });
}

/** Collects what is written to stdout and stderr until the test ends, with the stream of each piece. */
export function writtenPieces(): string[] {
  const pieces: string[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    const spy = vi.spyOn(process[name], 'write').mockImplementation((text) => {
      pieces.push(`${name}: ${String(text)}`);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  return pieces;
}

/** Returns the text of each line that Nest's `ConsoleLogger` wrote, after the level. */
export function texts(pieces: readonly string[]): string[] {
  return pieces.map((piece) =>
    piece.replace(/^std\w+: \[Nest\].*?[AP]M +/, '').replace(/( \+\d+ms)?\n$/, ''),
  );
}
