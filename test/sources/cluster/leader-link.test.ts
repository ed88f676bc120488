import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { SdkKey } from '../../../lib/requests/index.js';
import { LeaderLink } from '../../../lib/sources/cluster/leader-link.js';
import { SDK_KEY } from '../../support/delivery-server.js';
import { MeetingDirectory } from '../../support/shared-stream.js';

function linkTo(path: string): LeaderLink {
  const link = new LeaderLink({
    path,
    sdkKey: new SdkKey(SDK_KEY),
    preferred: false,
    maxEnvelopeBytes: 1_000,
    handshakeMs: 5_000,
    silenceMs: 5_000,
    currentConfig: () => undefined,
  });
  onTestFinished(() => link.close());
  return link;
}

// Its election goes on, instead of opening a stream of its own.
it('a leader that ends before it accepts a connection has ended, and is no hostile peer', async () => {
  const path = join(new MeetingDirectory().path, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const link = linkTo(path);
  // In the same turn of the event loop: the system has connected, and Node has accepted nothing yet.
  server.close();
  await expect(link.open()).rejects.toMatchObject({ kind: 'ended' });
});

it('a leader whose socket does not exist is absent', async () => {
  const directory = new MeetingDirectory().path;
  await expect(linkTo(join(directory, 'missing')).open()).rejects.toMatchObject({ kind: 'absent' });
});

it('a link that is closed before it has connected ends at once, not after its deadline', async () => {
  const path = join(new MeetingDirectory().path, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const opening = linkTo(path);
  const opened = opening.open();
  opening.close();
  await expect(opened).rejects.toMatchObject({ kind: 'ended' });
  const closed = linkTo(path);
  closed.close();
  await setImmediate();
  await expect(closed.open()).rejects.toMatchObject({ kind: 'ended' });
  expect(vi.getTimerCount()).toBe(0);
});
