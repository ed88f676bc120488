import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Terminal } from '../../cli/terminal.js';

describe('the progress line', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** What appears on stderr while 10 files are read, one per interval. */
  function shown(intervalMs: number, { isTTY = true, quiet = false } = {}): string {
    let written = '';
    const stderr = { isTTY, write: (text: string) => (written += text) };
    const terminal = new Terminal({ stdin: {}, stdout: {}, stderr } as never, {});
    terminal.quiet = quiet;
    const progress = terminal.progress('Reading files');
    for (let done = 1; done <= 10; done++) {
      vi.advanceTimersByTime(intervalMs);
      progress.report(done, 10);
    }
    progress.end();
    return written;
  }

  it('progress appears on one line after a second and is gone at the end', () => {
    const lines = shown(250).split('\r');
    expect(lines.slice(0, 3)).toEqual(['', 'Reading files: 4 of 10', 'Reading files: 5 of 10']);
    expect(lines.at(-3)).toBe('Reading files: 10 of 10');
    expect(lines.slice(-2).map((line) => line.trim())).toEqual(['', '']);
  });

  it('progress is updated at most five times a second', () => {
    expect(shown(150).split('\r').slice(1, -2)).toEqual([
      'Reading files: 7 of 10',
      'Reading files: 9 of 10',
    ]);
  });

  it('progress never appears for work that takes less than a second, outside a terminal, or with --quiet', () => {
    expect(shown(99)).toBe('');
    expect(shown(500, { isTTY: false })).toBe('');
    expect(shown(500, { quiet: true })).toBe('');
  });
});
