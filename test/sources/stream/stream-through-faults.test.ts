import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryServer, envelopeOf } from '../../support/delivery-server.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { FollowedStream, type FollowOptions } from './support/followed-stream.js';

const TIMEOUT = { timeout: 10_000 };
/** Short enough for a test, long enough for a busy machine. */
const SHORT_DEADLINE_MS = 1_000;

let delivery: DeliveryServer;
let proxy: FaultProxy;
let followed: FollowedStream;

beforeEach(async () => {
  delivery = await DeliveryServer.start({ heartbeatMs: 100 });
  proxy = await FaultProxy.before(delivery.port);
});

afterEach(async () => {
  await followed.service.close();
  await proxy.close();
  await delivery.close();
});

function follow(options: Omit<FollowOptions, 'url'> = {}): FollowedStream {
  followed = new FollowedStream({ url: `${proxy.url}/api/v2/sse/config`, ...options });
  followed.service.start();
  return followed;
}

async function untilVersion(version: string): Promise<void> {
  await vi.waitFor(() => expect(followed.versions).toContain(version), TIMEOUT);
}

async function untilRestarts(count: number): Promise<void> {
  await vi.waitFor(() => {
    const { worker_exit, worker_throw, read_timeout } = followed.restarts;
    expect(worker_exit + worker_throw + read_timeout).toBeGreaterThanOrEqual(count);
  }, TIMEOUT);
}

describe('the stream under network faults', () => {
  it('the stream reconnects after a stall with an open socket', async () => {
    follow({ sseReadDeadlineMs: SHORT_DEADLINE_MS });
    await untilVersion('v1');
    proxy.blackHole();
    await vi.waitFor(() => expect(followed.restarts.read_timeout).toBeGreaterThan(0), TIMEOUT);
    expect(followed.service.state).not.toBe('connected');
    delivery.publish(envelopeOf({ generation: 2 }));
    await proxy.restore();
    await untilVersion('v2');
    expect(followed.service.state).toBe('connected');
  });

  it('the stream does not restart because of latency', async () => {
    follow();
    await untilVersion('v1');
    proxy.delay(300);
    delivery.publish(envelopeOf({ generation: 2 }));
    await untilVersion('v2');
    expect(followed.states).toEqual(['connecting', 'connected']);
    expect(followed.connectAttempts).toBe(1);
  });

  it('the stream delivers an envelope that takes longer than the read deadline', async () => {
    const values = { text: 'é'.repeat(1_500) };
    delivery.publish(envelopeOf({ generation: 7, values }));
    proxy.throttle(2_000);
    follow({ sseReadDeadlineMs: SHORT_DEADLINE_MS });
    await untilVersion('v7');
    expect(followed.connectAttempts).toBe(1);
  });

  it('the stream reconnects after its server refused connections', async () => {
    follow();
    await untilVersion('v1');
    await proxy.refuse();
    await untilRestarts(2);
    expect(followed.service.state).not.toBe('connected');
    expect(followed.log.messages('warn')).toHaveLength(1);
    delivery.publish(envelopeOf({ generation: 2 }));
    await proxy.restore();
    await untilVersion('v2');
    expect(followed.service.state).toBe('connected');
  });

  it('the stream reconnects after connections that end within headers or an envelope', async () => {
    delivery.publish(envelopeOf({ generation: 7, values: { text: 'x'.repeat(5_000) } }));
    proxy.cutAfter(20);
    follow();
    await untilRestarts(1);
    proxy.cutAfter(1_000);
    await untilRestarts(2);
    expect(followed.versions).toEqual([]);
    await proxy.restore();
    await untilVersion('v7');
  });

  it('the stream reconnects after five aborted connections in a row', async () => {
    follow();
    for (let kill = 1; kill <= 5; kill++) {
      await vi.waitFor(
        () => expect(followed.versions.length).toBeGreaterThanOrEqual(kill),
        TIMEOUT,
      );
      if (kill % 2 === 0) proxy.reset();
      else proxy.cut();
      await untilRestarts(kill);
    }
    delivery.publish(envelopeOf({ generation: 2 }));
    await untilVersion('v2');
    expect(followed.connectAttempts).toBeLessThan(20);
  });

  it('reconnect() uses a revoked SDK key that is valid again', async () => {
    follow();
    await untilVersion('v1');
    delivery.revoke();
    await vi.waitFor(() => expect(followed.service.terminal).toBe(true), TIMEOUT);
    expect(followed.refusals).toEqual([{ status: 401, host: `127.0.0.1:${proxy.port}` }]);
    delivery.allow('qf_sk_test_0123456789', 'production');
    delivery.publish(envelopeOf({ generation: 2 }));
    followed.service.reconnect();
    await untilVersion('v2');
    expect(followed.service.terminal).toBe(false);
  });
});
