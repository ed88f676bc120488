import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SdkKey } from '../../../lib/requests/index.js';
import type { Envelope, GuardVerdict } from '../../../lib/model/index.js';
import { ConfigEndpoint } from '../../../lib/sources/http/config-endpoint.js';
import { DeliveryRecord } from '../../../lib/delivery/delivery-record.js';
import { HedgedFetch } from '../../../lib/sources/http/hedged-fetch.js';
import type { Leg } from '../../../lib/sources/source-sink.js';
import { guardInstall } from '../../../lib/store/install-guard.js';
import { DeliveryServer, envelopeOf, SDK_KEY } from '../../support/delivery-server.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { unpackedEnvelope } from '../../support/unpacked-envelope.js';

const TIMEOUT = { timeout: 10_000, interval: 5 };
/** Longer than any test. */
const NEVER_MS = 60_000;

/** Two delivery servers behind proxies, a client that queries them, and a record of the results. */
class Rig {
  readonly log: string[] = [];
  readonly purposes: string[] = [];
  generation: number | undefined;
  installs = 0;
  hedged!: HedgedFetch;
  readonly record = new DeliveryRecord();
  /** Called before each decision of the guard. */
  onOffer: (envelope: Envelope, leg: Leg) => void | Promise<void> = () => undefined;

  private constructor(
    readonly servers: Record<Leg, DeliveryServer>,
    readonly proxies: Record<Leg, FaultProxy>,
  ) {}

  static async start(primary: number, secondary: number): Promise<Rig> {
    const servers = {
      primary: await DeliveryServer.start({ envelope: envelopeOf({ generation: primary }) }),
      secondary: await DeliveryServer.start({ envelope: envelopeOf({ generation: secondary }) }),
    };
    return new Rig(servers, {
      primary: await FaultProxy.before(servers.primary.port),
      secondary: await FaultProxy.before(servers.secondary.port),
    });
  }

  client({
    configFetchHedgeDelayMs = NEVER_MS,
    configFetchHedgeAbortMs = NEVER_MS,
    single = false,
  } = {}): HedgedFetch {
    const endpoint = (leg: Leg): ConfigEndpoint =>
      new ConfigEndpoint({
        base: this.proxies[leg].url,
        sdkKey: new SdkKey(SDK_KEY),
        keySource: 'the option sdkKey',
        sdkVersion: 'nestjs-1.2.3',
        maxEnvelopeBytes: 1_000_000,
        configFetchHedgeAbortMs,
        currentConfigs: () => [],
      });
    this.hedged = new HedgedFetch({
      primary: endpoint('primary'),
      secondary: single ? undefined : endpoint('secondary'),
      configFetchHedgeDelayMs,
      sink: {
        received: async (envelope, { source, leg }) => {
          this.purposes.push(source);
          const verdict = await this.offer(unpackedEnvelope(envelope), leg!);
          if (verdict === 'install') this.record.recordInstall(leg!);
          return verdict;
        },
        unchanged: ({ leg }) => this.log.push(`${leg} unchanged`),
        failed: ({ leg }, error) => this.log.push(`${leg} ${(error as { code: string }).code}`),
        changed: (change) => this.record.recordChange(change),
      },
    });
    return this.hedged;
  }

  get counts() {
    const { resolvedFrom, counters } = this.record;
    return { resolvedFrom, hedges: counters.hedges, failovers: counters.failovers };
  }

  requests(leg: Leg): number {
    return this.servers[leg].configs.requests.length;
  }

  async logged(entry: string): Promise<void> {
    await vi.waitFor(() => expect(this.log).toContain(entry), TIMEOUT);
  }

  async close(): Promise<void> {
    this.hedged?.close();
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()));
    await Promise.all(Object.values(this.servers).map((server) => server.close()));
  }

  private async offer(envelope: Envelope, leg: Leg): Promise<GuardVerdict> {
    await this.onOffer(envelope, leg);
    const generation = envelope.meta.generation ?? 0;
    const verdict = guardInstall(this.generation, generation);
    if (verdict === 'install') {
      this.generation = Math.max(this.generation ?? 0, generation);
      this.installs++;
    }
    this.log.push(`${leg} ${verdict} ${generation}`);
    return verdict;
  }
}

let rig: Rig;

afterEach(() => rig.close());

describe('a healthy primary', () => {
  it('only the primary is queried while it answers', async () => {
    rig = await Rig.start(41, 42);
    const hedged = rig.client();
    await hedged.refresh();
    await hedged.refresh();
    expect(rig.log).toEqual(['primary install 41', 'primary unchanged']);
    expect(rig.requests('secondary')).toBe(0);
    expect(rig.counts).toEqual({ resolvedFrom: 'primary', hedges: 0, failovers: 0 });
  });

  it('the secondary is not queried while a response from the primary is being installed', async () => {
    rig = await Rig.start(41, 42);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let finish: (() => void) | undefined;
      rig.onOffer = () => new Promise((resolve) => (finish = resolve));
      const refresh = rig.client({ configFetchHedgeDelayMs: 2_000 }).refresh();
      await until(() => finish !== undefined);
      await vi.advanceTimersByTimeAsync(10_000);
      finish!();
      await refresh;
    } finally {
      vi.useRealTimers();
    }
    expect([rig.generation, rig.requests('secondary')]).toEqual([41, 0]);
    expect(rig.counts.hedges).toBe(0);
  });

  it('an envelope is delivered with the source of its request', async () => {
    rig = await Rig.start(1, 1);
    const hedged = rig.client();
    await hedged.refresh('poll');
    rig.servers.primary.publish(envelopeOf({ generation: 2 }));
    await hedged.refresh();
    expect(rig.purposes).toEqual(['poll', 'fetch']);
  });

  it('resolvedFrom is empty before the first install', async () => {
    rig = await Rig.start(1, 1);
    rig.client();
    expect(rig.counts.resolvedFrom).toBe('');
  });
});

describe('a failing primary', () => {
  it('the secondary is queried immediately when the primary fails', async () => {
    rig = await Rig.start(42, 42);
    await rig.proxies.primary.refuse();
    const hedged = rig.client();
    await hedged.refresh();
    expect(rig.log).toEqual(['primary network_error', 'secondary install 42']);
    expect(rig.counts).toEqual({ resolvedFrom: 'secondary', hedges: 0, failovers: 1 });
  });

  it.each([
    ['refuses the SDK key', { status: 401 }, 'http_error'],
    ['is unavailable', { status: 503 }, 'http_error'],
    ['returns an HTML page', { status: 200, body: '<html>' }, 'invalid_envelope'],
    ['returns a list', { status: 200, body: '[]' }, 'invalid_envelope'],
    ['returns too many bytes', { status: 200, body: ' '.repeat(1_000_001) }, 'envelope_too_large'],
  ])('the secondary is used when the primary %s', async (_how, answer, code) => {
    rig = await Rig.start(1, 42);
    rig.servers.primary.configs.answerNext(answer);
    const hedged = rig.client();
    await hedged.refresh();
    expect(rig.log).toEqual([`primary ${code}`, 'secondary install 42']);
    expect(rig.counts.failovers).toBe(1);
  });

  it('the secondary is used when the envelope from the primary cannot be installed', async () => {
    rig = await Rig.start(43, 42);
    const hedged = rig.client();
    rig.onOffer = (_envelope, leg) => {
      if (leg === 'primary') throw Object.assign(new Error('no'), { code: 'unusable' });
    };
    await hedged.refresh();
    expect(rig.log).toEqual(['primary unusable', 'secondary install 42']);
    rig.onOffer = () => undefined;
    await hedged.refresh();
    expect([rig.generation, rig.counts.resolvedFrom]).toEqual([43, 'primary']);
  });

  it('the next refresh queries the primary first again', async () => {
    rig = await Rig.start(42, 42);
    await rig.proxies.primary.refuse();
    const hedged = rig.client();
    await hedged.refresh();
    await rig.proxies.primary.restore();
    await hedged.refresh();
    expect(rig.log.at(-1)).toBe('primary equal 42');
    expect([rig.requests('secondary'), rig.counts.resolvedFrom]).toEqual([1, 'secondary']);
  });

  it('a refresh rejects with a timeout from the secondary when the primary fails and the secondary hangs', async () => {
    rig = await Rig.start(42, 42);
    await rig.proxies.primary.refuse();
    rig.proxies.secondary.hang();
    const error = await rejection(rig.client({ configFetchHedgeAbortMs: 50 }).refresh());
    expect(error.message).toContain(`${rig.proxies.secondary.url}/api/v2/configs`);
    expect(error.message).toContain('timed out after 50 ms');
    expect(rig.log).toEqual(['primary network_error', 'secondary network_error']);
  });

  it('a refresh rejects when both APIs fail, and the next one succeeds', async () => {
    rig = await Rig.start(42, 42);
    rig.servers.primary.configs.answerNext({ status: 500 });
    rig.servers.secondary.configs.answerNext({ status: 503 });
    const hedged = rig.client();
    expect(await rejection(hedged.refresh())).toMatchObject({ code: 'http_error', status: 503 });
    expect(rig.installs).toBe(0);
    await hedged.refresh();
    expect(rig.generation).toBe(42);
  });
});

describe('a slow primary', () => {
  it('a slow primary still delivers a newer envelope after the hedge', async () => {
    rig = await Rig.start(42, 41);
    rig.servers.primary.configs.answerNext('hold');
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    await hedged.refresh();
    expect(rig.log).toEqual(['secondary install 41']);
    expect(rig.counts).toEqual({ resolvedFrom: 'secondary', hedges: 1, failovers: 0 });
    rig.servers.primary.configs.release();
    await rig.logged('primary install 42');
    expect([rig.generation, rig.installs, rig.counts.resolvedFrom]).toEqual([42, 2, 'primary']);
  });

  it('a late, older envelope from the primary is dropped', async () => {
    rig = await Rig.start(41, 42);
    rig.servers.primary.configs.answerNext('hold');
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    await hedged.refresh();
    rig.servers.primary.configs.release();
    await rig.logged('primary older 41');
    expect([rig.generation, rig.installs, rig.counts.resolvedFrom]).toEqual([42, 1, 'secondary']);
  });

  it('a late failure of the primary has no effect', async () => {
    rig = await Rig.start(42, 41);
    rig.proxies.primary.hang();
    await rig.client({ configFetchHedgeDelayMs: 20 }).refresh();
    rig.proxies.primary.reset();
    await rig.logged('primary network_error');
    expect(rig.generation).toBe(41);
  });

  it('the refresh ends as soon as the primary answers, and the secondary can still deliver', async () => {
    rig = await Rig.start(41, 42);
    for (const server of Object.values(rig.servers)) server.configs.answerNext('hold');
    const refresh = rig.client({ configFetchHedgeDelayMs: 20 }).refresh();
    await vi.waitFor(() => expect(rig.servers.secondary.configs.holding).toBe(1), TIMEOUT);
    rig.servers.primary.configs.release();
    await refresh;
    expect(rig.log).toEqual(['primary install 41']);
    rig.servers.secondary.configs.release();
    await rig.logged('secondary install 42');
  });

  it('the refresh waits for the primary when the secondary has nothing new', async () => {
    rig = await Rig.start(41, 41);
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    await rig.proxies.primary.refuse();
    await hedged.refresh();
    await rig.proxies.primary.restore();
    rig.servers.primary.configs.answerNext('hold');
    rig.servers.primary.publish(envelopeOf({ generation: 42 }));
    let over = false;
    const refresh = hedged.refresh().then(() => (over = true));
    await rig.logged('secondary unchanged');
    expect(over).toBe(false);
    rig.servers.primary.configs.release();
    await refresh;
    expect(rig.generation).toBe(42);
  });

  it('the refresh waits for the primary when the secondary fails', async () => {
    rig = await Rig.start(42, 42);
    rig.servers.primary.configs.answerNext('hold');
    await rig.proxies.secondary.refuse();
    const refresh = rig.client({ configFetchHedgeDelayMs: 20 }).refresh();
    await rig.logged('secondary network_error');
    rig.servers.primary.configs.release();
    await refresh;
    expect(rig.log.at(-1)).toBe('primary install 42');
    expect(rig.requests('secondary')).toBe(0);
  });

  it('the refresh succeeds when the primary fails and the secondary has nothing new', async () => {
    rig = await Rig.start(42, 42);
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    rig.servers.primary.configs.answerNext({ status: 500 });
    await hedged.refresh();
    rig.proxies.primary.hang();
    const refresh = hedged.refresh();
    await rig.logged('secondary unchanged');
    rig.proxies.primary.reset();
    await refresh;
    expect(rig.log.slice(2)).toEqual(['secondary unchanged', 'primary network_error']);
  });
});

describe('responses with nothing to install', () => {
  it('a refresh succeeds when both APIs have nothing new', async () => {
    rig = await Rig.start(42, 42);
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    for (let round = 0; round < 2; round++) {
      rig.servers.primary.configs.answerNext('hold');
      const refresh = hedged.refresh();
      await vi.waitFor(() => expect(rig.servers.primary.configs.holding).toBe(1), TIMEOUT);
      await vi.waitFor(() => expect(rig.log.at(-1)).toMatch(/^secondary/), TIMEOUT);
      rig.servers.primary.configs.release();
      await refresh;
      await vi.waitFor(() => expect(rig.log.at(-1)).toMatch(/^primary/), TIMEOUT);
    }
    expect(rig.log).toEqual([
      'secondary install 42',
      'primary equal 42',
      'secondary unchanged',
      'primary unchanged',
    ]);
  });

  it('a refresh succeeds with an older envelope, which is not downloaded again', async () => {
    rig = await Rig.start(41, 41);
    rig.generation = 42;
    const hedged = rig.client();
    await hedged.refresh();
    await hedged.refresh();
    expect(rig.log).toEqual(['primary older 41', 'primary unchanged']);
    expect([rig.requests('secondary'), rig.counts.resolvedFrom]).toEqual([0, '']);
  });

  it('a refresh succeeds with an envelope without a generation, which is downloaded again', async () => {
    rig = await Rig.start(0, 0);
    rig.generation = 42;
    const hedged = rig.client();
    await hedged.refresh();
    await hedged.refresh();
    expect(rig.log).toEqual(['primary unversioned 0', 'primary unversioned 0']);
  });
});

describe('envelopes without a generation', () => {
  it('an envelope without a generation never replaces one with a generation', async () => {
    rig = await Rig.start(42, 0);
    const hedged = rig.client();
    await hedged.refresh();
    await rig.proxies.primary.refuse();
    await hedged.refresh();
    expect(rig.log.at(-1)).toBe('secondary unversioned 0');
    expect([rig.generation, rig.installs]).toEqual([42, 1]);
  });

  it('an envelope without a generation is installed first and replaced later', async () => {
    rig = await Rig.start(42, 0);
    await rig.proxies.primary.refuse();
    const hedged = rig.client();
    await hedged.refresh();
    expect(rig.log.at(-1)).toBe('secondary install 0');
    await rig.proxies.primary.restore();
    await hedged.refresh();
    expect(rig.generation).toBe(42);
  });
});

describe('a single API URL', () => {
  it('a single API URL has neither failover nor hedging', async () => {
    rig = await Rig.start(42, 42);
    const hedged = rig.client({ single: true, configFetchHedgeDelayMs: 1 });
    rig.proxies.primary.delay(50);
    await hedged.refresh();
    rig.servers.primary.configs.answerNext({ status: 500 });
    expect(await rejection(hedged.refresh())).toMatchObject({ status: 500 });
    expect(rig.requests('secondary')).toBe(0);
    expect(rig.counts).toEqual({ resolvedFrom: 'primary', hedges: 0, failovers: 0 });
  });
});

describe('concurrent refreshes', () => {
  it('concurrent refreshes send separate requests, and the newest envelope wins', async () => {
    rig = await Rig.start(41, 1);
    const warned = vi.fn();
    process.on('warning', warned);
    const hedged = rig.client();
    const many = Array.from({ length: 30 }, () => hedged.refresh());
    rig.servers.primary.publish(envelopeOf({ generation: 42 }));
    await Promise.all([...many, hedged.refresh()]);
    await hedged.refresh();
    expect(rig.requests('primary')).toBe(32);
    expect(rig.generation).toBe(42);
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalledWith(
      expect.objectContaining({ name: 'MaxListenersExceededWarning' }),
    );
  });

  it('concurrent refreshes fail independently', async () => {
    rig = await Rig.start(41, 41);
    const hedged = rig.client({ single: true });
    rig.servers.primary.configs.answerNext({ status: 500 }, 'hold');
    const first = rejection(hedged.refresh());
    await vi.waitFor(() => expect(rig.requests('primary')).toBe(1), TIMEOUT);
    const second = hedged.refresh();
    expect(await first).toMatchObject({ status: 500 });
    await vi.waitFor(() => expect(rig.servers.primary.configs.holding).toBe(1), TIMEOUT);
    rig.servers.primary.configs.release();
    await second;
  });
});

describe('closing', () => {
  beforeEach(async () => {
    rig = await Rig.start(42, 41);
  });

  it('close() rejects pending refreshes immediately', async () => {
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    for (const server of Object.values(rig.servers)) server.configs.answerAlways('hold');
    const refresh = rejection(hedged.refresh());
    await vi.waitFor(() => expect(rig.servers.secondary.configs.holding).toBe(1), TIMEOUT);
    hedged.close();
    expect((await refresh).code).toBe('closed');
    expect((await rejection(hedged.refresh())).code).toBe('closed');
    expect(rig.log).toEqual([]);
  });

  it('close() rejects a refresh whose envelope is being installed', async () => {
    const hedged = rig.client();
    const offered = new Promise<void>((resolve) => {
      rig.onOffer = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const refresh = rejection(hedged.refresh());
    await offered;
    hedged.close();
    expect((await refresh).code).toBe('closed');
  });

  it('after close() nothing is installed, no timer is left and no request is made', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const hedged = rig.client();
      rig.servers.primary.configs.answerNext('drop');
      rig.servers.secondary.configs.answerNext('hold');
      const refresh = rejection(hedged.refresh());
      await until(() => rig.servers.secondary.configs.holding === 1);
      hedged.close();
      await refresh;
      rig.servers.secondary.configs.release();
      await until(() => vi.getTimerCount() === 0);
    } finally {
      vi.useRealTimers();
    }
    expect(rig.log).toEqual(['primary network_error']);
    expect([rig.requests('primary'), rig.requests('secondary')]).toEqual([1, 1]);
  });

  it('close() aborts late requests of finished refreshes', async () => {
    const hedged = rig.client({ configFetchHedgeDelayMs: 20 });
    let ended = false;
    rig.servers.primary.configs.answerNext((_request, response) => {
      response.on('close', () => (ended = true));
    });
    await hedged.refresh();
    hedged.close();
    await vi.waitFor(() => expect(ended).toBe(true), TIMEOUT);
    expect(rig.log).toEqual(['secondary install 41']);
  });

  it('interrupt() rejects pending refreshes of one source, and later ones succeed', async () => {
    const hedged = rig.client();
    rig.servers.primary.configs.answerNext('hold');
    const refresh = rejection(hedged.refresh());
    await vi.waitFor(() => expect(rig.servers.primary.configs.holding).toBe(1), TIMEOUT);
    const reason = Object.assign(new Error('suspended'), { code: 'suspended' });
    hedged.interrupt('poll', new Error('of others'));
    hedged.interrupt('fetch', reason);
    expect(await refresh).toBe(reason);
    expect(rig.counts.failovers).toBe(0);
    await hedged.refresh();
    expect(rig.log).toEqual(['primary install 42']);
  });
});

describe('hedging times', () => {
  it('the hedge delay and the request timeout follow the options', async () => {
    rig = await Rig.start(42, 41);
    for (const server of Object.values(rig.servers)) server.configs.answerAlways('hold');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const refresh = rejection(
        rig.client({ configFetchHedgeDelayMs: 2_000, configFetchHedgeAbortMs: 6_000 }).refresh(),
      );
      await until(() => rig.servers.primary.configs.holding === 1);
      await vi.advanceTimersByTimeAsync(1_999);
      expect(rig.counts.hedges).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(rig.counts.hedges).toBe(1);
      await until(() => rig.servers.secondary.configs.holding === 1);
      await vi.advanceTimersByTimeAsync(3_999);
      expect(rig.log).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      await until(() => rig.log.length === 1);
      await vi.advanceTimersByTimeAsync(2_000);
      expect((await refresh).message).toContain('timed out after 6000 ms');
      expect(rig.log).toEqual(['primary network_error', 'secondary network_error']);
    } finally {
      vi.useRealTimers();
    }
  });
});

interface Rejection {
  code: string;
  message: string;
}

async function rejection(work: Promise<unknown>): Promise<Rejection> {
  try {
    await work;
  } catch (error) {
    return error as Rejection;
  }
  throw new Error('Nothing was rejected.');
}

/** Lets the event loop turn, without timers, until a condition is true. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setImmediate(resolve));
}
