import { type Client, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { describe, expect, it, vi } from 'vitest';
import type { QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { QuonfigProvider, type QuonfigProviderOptions } from '../../lib/openfeature/index.js';
import { VirtualNetwork } from '../chaos/support/virtual-network.js';
import { constant, serviceOf } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { clientOf, type ReceivedEvent, recordEvents, typesOf } from './support/client.js';

const { Ready, Stale, ConfigurationChanged } = ProviderEvents;
const MINUTE = 60_000;
/** Twice the default poll interval, for which the poller waits for a lost stream. */
const GRACE = 2 * MINUTE;

interface Rig {
  readonly network: VirtualNetwork;
  readonly service: QuonfigService;
  readonly provider: QuonfigProvider;
  readonly client: Client;
  readonly events: readonly ReceivedEvent[];
  /** Makes everything fail from now on. */
  readonly partition: () => void;
  readonly heal: () => void;
  /** Advances the clock by that long. */
  readonly after: (ms: number) => Promise<void>;
  readonly status: () => ProviderStatus;
}

/** A client whose service is in its normal state, on a virtual clock. */
async function rig(
  options: Partial<QuonfigModuleOptions> = {},
  providerOptions: QuonfigProviderOptions = {},
): Promise<Rig> {
  const network = new VirtualNetwork();
  network.publish(published(1));
  const service = await network.start(options);
  const normal = options.enableSSE === false ? 'falling_back' : 'connected';
  await network.within(5_000, () => service.connectionState() === normal);
  const provider = new QuonfigProvider(service, providerOptions);
  const client = await clientOf(provider);
  const events = recordEvents(client);
  const set = (behavior: 'serve' | 'refuse'): void => {
    network.primary.behavior = behavior;
    network.secondary.behavior = behavior;
    network.stream.inject(behavior === 'refuse' ? { refuse: true } : {});
  };
  const after = (ms: number): Promise<void> => network.until(Date.now() + ms);
  await after(1_000);
  return {
    network,
    service,
    provider,
    client,
    events,
    partition: () => set('refuse'),
    heal: () => set('serve'),
    after,
    status: () => client.providerStatus,
  };
}

const published = (generation: number): ReturnType<typeof envelopeOf> =>
  envelopeOf({ generation, values: { greeting: `hello ${generation}` } });

describe('staleness', () => {
  it('a stream that is connected is never stale, however long nothing is published', async () => {
    const { after, events, status } = await rig();
    await after(60 * MINUTE);
    expect(status()).toBe(ProviderStatus.READY);
    expect(typesOf(events)).toEqual([Ready]);
  });

  it('a lost stream that polling replaces is never stale', async () => {
    const { network, service, after, events, status } = await rig();
    network.stream.inject({ refuse: true });
    await after(20 * MINUTE);
    expect(service.connectionState()).toBe('falling_back');
    expect(status()).toBe(ProviderStatus.READY);
    expect(typesOf(events)).toEqual([Ready]);
  });

  it('a partition is stale once polling fails too; evaluations go on; recovery emits PROVIDER_READY', async () => {
    const { client, partition, heal, after, events, network, status } = await rig();
    partition();
    await after(GRACE - 2_000);
    expect(status()).toBe(ProviderStatus.READY);
    await after(10_000);
    expect(status()).toBe(ProviderStatus.STALE);
    expect(typesOf(events)).toEqual([Ready, Stale]);
    expect(events[1]!.details.message).toContain('Changes do not arrive');
    expect(await client.getStringDetails('greeting', 'none')).toMatchObject({
      value: 'hello 1',
      reason: 'STATIC',
    });

    await after(30 * MINUTE);
    expect(typesOf(events)).toEqual([Ready, Stale]);

    network.publish(published(2));
    heal();
    await after(2 * MINUTE);
    expect(status()).toBe(ProviderStatus.READY);
    expect(typesOf(events)).toEqual([Ready, Stale, Ready, ConfigurationChanged]);
    expect(await client.getStringValue('greeting', 'none')).toBe('hello 2');
  });

  it('without polling, a lost stream is stale after the same time', async () => {
    const { partition, heal, after, events, status } = await rig({ fallbackPollEnabled: false });
    partition();
    await after(GRACE - 2_000);
    expect(status()).toBe(ProviderStatus.READY);
    await after(4_000);
    expect(status()).toBe(ProviderStatus.STALE);
    heal();
    await after(MINUTE);
    expect(typesOf(events)).toEqual([Ready, Stale, Ready]);
  });

  it('without a stream, one failed poll does not make the provider stale, but repeated failures do', async () => {
    const { partition, heal, after, events, status } = await rig({ enableSSE: false });
    await after(10 * MINUTE);
    partition();
    await after(MINUTE + 2_000);
    heal();
    await after(MINUTE);
    expect(typesOf(events)).toEqual([Ready]);
    partition();
    await after(3 * MINUTE);
    expect(status()).toBe(ProviderStatus.STALE);
    heal();
    await after(MINUTE + 2_000);
    expect(status()).toBe(ProviderStatus.READY);
    expect(typesOf(events)).toEqual([Ready, Stale, Ready]);
  });

  it('polls that are far apart are not stale between two successes', async () => {
    const { after, events } = await rig({
      enableSSE: false,
      fallbackPollIntervalMs: 10 * MINUTE,
    });
    await after(45 * MINUTE);
    expect(typesOf(events)).toEqual([Ready]);
  });

  it('a failed poll counts until the next success', async () => {
    const interval = 10 * MINUTE;
    const { partition, heal, after, events } = await rig({
      enableSSE: false,
      fallbackPollIntervalMs: interval,
    });
    partition();
    await after(interval);
    heal();
    await after(interval);
    expect(typesOf(events)).toEqual([Ready, Stale, Ready]);
    await after(5 * interval);
    expect(typesOf(events)).toEqual([Ready, Stale, Ready]);
  });

  it('the time until staleness counts from the last loss of the stream', async () => {
    const { partition, heal, after, events, status } = await rig({ fallbackPollEnabled: false });
    partition();
    await after(MINUTE);
    heal();
    await after(60 * MINUTE);
    partition();
    await after(GRACE - 2_000);
    expect(typesOf(events)).toEqual([Ready]);
    await after(4_000);
    expect(status()).toBe(ProviderStatus.STALE);
  });

  it('a suspended service is stale, and ready again after resume()', async () => {
    const { service, after, events, status } = await rig();
    service.suspend();
    await after(GRACE - 2_000);
    expect(status()).toBe(ProviderStatus.READY);
    await after(4_000);
    expect(status()).toBe(ProviderStatus.STALE);
    await service.resume();
    await after(2_000);
    expect(typesOf(events)).toEqual([Ready, Stale, Ready]);
  });

  it('staleAfterMs sets the time', async () => {
    const { partition, after, status } = await rig(
      { fallbackPollEnabled: false },
      { staleAfterMs: 10_000 },
    );
    partition();
    await after(8_000);
    expect(status()).toBe(ProviderStatus.READY);
    await after(4_000);
    expect(status()).toBe(ProviderStatus.STALE);
  });
});

describe('a service that is closed under its provider', () => {
  it('a closed service is stale at once; evaluations go on; no further event follows', async () => {
    const { service, client, after, events, status } = await rig();
    await service.close();
    expect(status()).toBe(ProviderStatus.STALE);
    expect(events.at(-1)!.details.message).toContain('closed');
    expect(await client.getStringValue('greeting', 'none')).toBe('hello 1');
    await after(10 * MINUTE);
    expect(typesOf(events)).toEqual([Ready, Stale]);
  });

  it('a provider on a closed service becomes ready, then stale', async () => {
    const service = await serviceOf([constant('it', 'bool', true)]);
    await service.close();
    const client = await clientOf(new QuonfigProvider(service));
    const events = recordEvents(client);
    await vi.waitFor(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    expect(typesOf(events)).toEqual([Ready, Stale]);
    expect(await client.getBooleanValue('it', false)).toBe(true);
  });

  it('a provider leaves no timer behind once it or its service is closed', async () => {
    const { service, provider, partition, after } = await rig();
    partition();
    await after(10_000);
    const before = vi.getTimerCount();
    const other = new QuonfigProvider(service);
    await other.initialize();
    await after(2_000);
    expect(vi.getTimerCount()).toBe(before + 1);
    await other.onClose();
    expect(vi.getTimerCount()).toBe(before);

    await service.close();
    const left = vi.getTimerCount();
    await provider.onClose();
    expect(vi.getTimerCount()).toBe(left);
  });
});
