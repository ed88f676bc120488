import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { type DeliveryServer, envelopeOf } from '../support/delivery-server.js';
import { optionsFor, serve } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';

const NEVER = new Promise<never>(() => undefined);
const INIT_TIMEOUT = 9_000;

/** A start with a store that hangs, while time stands still. */
class Start {
  /** The greeting, or the code of the error; `undefined` until then. */
  outcome: string | undefined;

  constructor(
    readonly server: DeliveryServer,
    more: Partial<QuonfigModuleOptions> & { preferCache?: boolean } = {},
  ) {
    const { preferCache = false, ...options } = more;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = { get: () => NEVER, set: () => NEVER };
    void this.run(
      optionsFor(server, {
        persistence: { store, preferCache },
        initTimeout: INIT_TIMEOUT,
        logger: new RecordingLogger(),
        ...options,
      }),
    );
  }

  /** Lets sockets and promises make progress, and no time pass. */
  async settled(): Promise<string | undefined> {
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    return this.outcome;
  }

  private async run(options: QuonfigModuleOptions): Promise<void> {
    try {
      const service = await QuonfigService.create(options);
      onTestFinished(async () => {
        vi.useRealTimers();
        await service.close();
      });
      this.outcome = service.getString('greeting');
    } catch (error) {
      this.outcome = (error as { code: string }).code;
    }
  }
}

const served = () => serve({ envelope: envelopeOf({ values: { greeting: 'live' } }) });

async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('startup with a store that hangs', () => {
  it('a network that responds is enough to start', async () => {
    const start = new Start(await served());
    await turnsUntil(() => start.outcome !== undefined);
    expect(start.outcome).toBe('live');
  });

  it('with preferCache, configs are fetched from the network after two seconds', async () => {
    const start = new Start(await served(), { preferCache: true });
    await start.settled();
    vi.advanceTimersByTime(1_999);
    expect(await start.settled()).toBeUndefined();
    expect(start.server.configs.requests).toHaveLength(0);
    vi.advanceTimersByTime(1);
    await turnsUntil(() => start.outcome !== undefined);
    expect(start.outcome).toBe('live');
  });

  it('without a network, startup fails two seconds after initTimeout', async () => {
    const server = await served();
    server.configs.answerAlways('hold');
    const start = new Start(server);
    await turnsUntil(() => server.configs.requests.length > 0);
    for (let elapsed = 0; elapsed < INIT_TIMEOUT + 1_000; elapsed += 1_000) {
      vi.advanceTimersByTime(1_000);
      expect(await start.settled()).toBeUndefined();
    }
    vi.advanceTimersByTime(999);
    expect(await start.settled()).toBeUndefined();
    vi.advanceTimersByTime(1);
    await turnsUntil(() => start.outcome !== undefined);
    expect(start.outcome).toBe('initialization_timeout');
  });
});
