import type { Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { ClusterMember } from '../../../lib/delivery/cluster/cluster-member.js';
import { LeaderServer } from '../../../lib/delivery/cluster/leader-server.js';
import { SdkKey } from '../../../lib/requests/index.js';
import { LeaderLink } from '../../../lib/sources/cluster/leader-link.js';
import { type MeetingPlace, SocketPlace } from '../../../lib/sources/cluster/socket-place.js';
import { ConfigStore } from '../../../lib/store/index.js';
import { SDK_KEY } from '../../support/delivery-server.js';
import { until } from '../../support/networked.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { MeetingDirectory } from '../../support/shared-stream.js';
import { pretend } from '../support/raw-peers.js';

/** As a named pipe of Windows: nobody listens, but a process that followed the former leader has not left its pipe. */
class HeldPlace implements MeetingPlace {
  readonly path: string;
  held = true;

  constructor(private readonly place: SocketPlace) {
    this.path = place.path;
  }

  find(): Promise<string> {
    return Promise.resolve(this.path);
  }

  async claim(server: Server): Promise<string | undefined> {
    if (!this.held) return this.place.claim(server);
    server.close();
    return undefined;
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}

/** A member of a cluster at this place. */
function memberAt(place: MeetingPlace, logger = new RecordingLogger()): ClusterMember {
  const sdkKey = new SdkKey(SDK_KEY);
  const store = new ConfigStore();
  const member = new ClusterMember({
    place,
    preferred: true,
    random: () => 0,
    logger,
    sink: { onStatus: () => undefined, onEnvelope: () => Promise.resolve() },
    createLink: () =>
      new LeaderLink({
        path: place.path,
        sdkKey,
        preferred: true,
        maxEnvelopeBytes: 1_000,
        handshakeMs: 100,
        silenceMs: 1_000,
        currentConfig: () => undefined,
      }),
    createServer: () =>
      new LeaderServer({
        place,
        sdkKey,
        preferred: true,
        store,
        heartbeatMs: 10_000,
        deadlineMs: 10_000,
        status: () => ({
          state: 'connected',
          refreshedAt: null,
          refusal: null,
          lastError: null,
          heartbeatMs: 10_000,
        }),
        onReconnect: () => undefined,
      }),
    onLinkEnded: () => undefined,
  });
  onTestFinished(() => member.stop());
  return member;
}

it('a process that cannot claim the place of the leader for a moment leads afterwards', async () => {
  const place = new HeldPlace(new SocketPlace(new MeetingDirectory().path, 'name'));
  const logger = new RecordingLogger();
  const member = memberAt(place, logger);
  member.start();
  await setTimeout(100);
  place.held = false;
  await until(() => expect(member.role).toBe('leader'));
  expect(logger.messages('warn')).toEqual([]);
});

// Each handshake may take a third of initTimeout.
it('a process gives up a leader that neither answers nor can be replaced after two handshakes', async () => {
  const place = new HeldPlace(new SocketPlace(new MeetingDirectory().path, 'name'));
  let handshakes = 0;
  await pretend(place.path, () => handshakes++);
  const member = memberAt(place);
  member.start();
  await until(() => expect(member.role).toBe('alone'));
  expect(handshakes).toBe(2);
});
