import { getActiveResourcesInfo } from 'node:process';
import { describe, expect, it } from 'vitest';
import { createTestQuonfig } from '../../lib/testing/index.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGTSTP', 'SIGCONT'];

/** Everything that a process could be left with. */
function held(): Record<string, unknown> {
  const listeners = [...process.eventNames(), ...SIGNALS].map(
    (name) => `${String(name)}: ${process.listenerCount(name)}`,
  );
  return { resources: getActiveResourcesInfo().sort(), listeners: [...new Set(listeners)].sort() };
}

describe('a thousand test services in one process', () => {
  it('a thousand test services leave no timer, file, socket or listener behind', async () => {
    const before = held();
    for (let i = 0; i < 1_000; i++) {
      const quonfig = createTestQuonfig({ limit: i, every: { duration: 'PT5M' } });
      quonfig.set('limit', i + 1);
      quonfig.setFor({ user: { key: 'anna' } }, 'limit', 0);
      quonfig.getNumber('limit', { user: { key: 'anna' } });
      quonfig.observe('limit').subscribe();
      await quonfig.with({ limit: 7 }, async () => quonfig.getNumber('limit'));
      quonfig.fail('terminal');
      quonfig.reset();
    }
    expect(held()).toEqual(before);
  });
});
