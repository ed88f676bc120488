import { describe, expect, it } from 'vitest';
import { QuonfigLogger } from '../../lib/index.js';
import { createTestQuonfig, type TestQuonfig } from '../../lib/testing/index.js';

const silent = { warn: () => undefined, error: () => undefined };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a logger writes at the level debug. */
function loggerOf(quonfig: TestQuonfig) {
  const lines: unknown[] = [];
  const write = (message: unknown): void => void lines.push(message);
  const logger = { log: write, error: write, warn: write, debug: write, verbose: write };
  return { lines, logger: new QuonfigLogger(quonfig, { logger }) };
}

describe('log levels in tests', () => {
  it('a logger follows set()', () => {
    const quonfig = createTestQuonfig({ level: { logLevel: 'warn' } }, { loggerKey: 'level' });
    const { lines, logger } = loggerOf(quonfig);
    logger.debug('one', 'Cats');
    quonfig.set('level', { logLevel: 'debug' });
    logger.debug('two', 'Cats');
    expect(lines).toEqual(['two']);
  });

  it('concurrent calls of with() have their own levels', async () => {
    const quonfig = createTestQuonfig({ level: { logLevel: 'warn' } }, { loggerKey: 'level' });
    const { lines, logger } = loggerOf(quonfig);
    const write = (logLevel: 'debug' | 'error'): Promise<void> =>
      quonfig.with({ level: { logLevel } }, async () => {
        for (let i = 0; i < 3; i++) {
          logger.debug(logLevel, 'Cats');
          await turn();
        }
      });
    await Promise.all([write('debug'), write('error'), write('debug')]);
    logger.debug('after', 'Cats');
    expect(lines).toEqual(Array.from({ length: 6 }, () => 'debug'));
  });

  it('a logger without a value for the loggerKey writes at its default level, and never throws', () => {
    const quonfig = createTestQuonfig({}, { loggerKey: 'level', logger: silent });
    const { lines, logger } = loggerOf(quonfig);
    logger.debug('debug', 'Cats');
    logger.error('error', 'Cats');
    expect(lines).toContain('error');
  });
});
