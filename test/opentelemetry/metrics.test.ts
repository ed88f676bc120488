import { DataPointType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import {
  instrumentQuonfig,
  type QuonfigInstrumentationOptions,
} from '../../lib/opentelemetry/index.js';
import { METRICS } from '../../lib/opentelemetry/metric-definitions.js';
import { pageNamed } from '../docs/page.js';
import { constant, flagWhen, serviceOf, when } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { Sdk } from './support/sdk.js';

const configs = [
  constant('limit', 'int', 20),
  flagWhen('pro', when('PROP_IS_ONE_OF', 'user.plan', ['pro'])),
];

function instrument(service: QuonfigService, options?: QuonfigInstrumentationOptions): () => void {
  const stop = instrumentQuonfig(service, options);
  onTestFinished(stop);
  return stop;
}

async function local(options: QuonfigModuleOptions = {}): Promise<QuonfigService> {
  return serviceOf(configs, { onNoDefault: 'ignore', ...options });
}

describe('collected metrics', () => {
  it('reads are counted by reason, whether or not there is a span', async () => {
    const sdk = Sdk.start();
    const service = await local();
    service.get('limit');
    instrument(service);
    service.get('limit');
    service.isEnabled('pro');
    service.get('absent', undefined, 1);
    sdk.inSpan('request', () => {
      service.get('limit');
      service.get('limit');
    });
    const expected = { static: 3, targeting_match: 1, split: 0, default: 0, error: 1 };
    expect(await sdk.values('quonfig.reads')).toEqual(expected);
    service.get('limit');
    expect(await sdk.values('quonfig.reads')).toEqual({ ...expected, static: 4 });
  });

  it('installs, failures and the state follow the network', async () => {
    const sdk = Sdk.start();
    const server = await serve({ envelope: envelopeOf({ generation: 7, values: { a: 'b' } }) });
    const { service } = await connectTo(server);
    instrument(service);
    await until(() => expect(service.connectionState()).toBe('connected'));
    expect(await sdk.values('quonfig.connection.state')).toEqual({
      initializing: 0,
      connected: 1,
      falling_back: 0,
      disconnected: 0,
    });
    expect(await sdk.values('quonfig.config.installs')).toEqual({ '': 1 });
    expect(await sdk.values('quonfig.config.generation')).toEqual({ '': 7 });
    expect(await sdk.values('quonfig.ready')).toEqual({ '': 1 });
    expect(await sdk.values('quonfig.stream.connects')).toEqual({ '': 1 });
    expect(await sdk.values('quonfig.refresh.failures')).toEqual({ '': 0 });
    const { '': age } = await sdk.values('quonfig.config.age');
    const elapsed = (Date.now() - service.lastSuccessfulRefresh()!.getTime()) / 1000;
    expect(age).toBeLessThanOrEqual(elapsed + 1);

    await server.close();
    await expect(service.refresh()).rejects.toThrow();
    expect(await sdk.values('quonfig.refresh.failures')).toEqual({ '': 1 });
    await until(async () =>
      expect(await sdk.values('quonfig.restarts')).toMatchObject({ 'poll worker_exit': 0 }),
    );
    await service.close();
    expect(await sdk.values('quonfig.connection.state')).toMatchObject({ disconnected: 1 });
  });

  it('files have no age', async () => {
    const sdk = Sdk.start();
    instrument(await local());
    expect(await sdk.values('quonfig.config.age')).toEqual({});
    expect(await sdk.values('quonfig.ready')).toEqual({ '': 1 });
  });

  it('named services are kept apart, and each can be removed', async () => {
    const sdk = Sdk.start();
    const main = await local();
    const stop = instrument(main, { name: 'main' });
    const billing = await local();
    instrument(billing, { name: 'billing' });
    expect(await sdk.values('quonfig.config.installs')).toEqual({ main: 1, billing: 1 });
    for (const service of [main, billing]) service.get('limit');
    expect(await sdk.values('quonfig.reads')).toMatchObject({
      'static main': 1,
      'static billing': 1,
    });
    stop();
    for (const service of [main, billing]) service.get('limit');
    // The SDK repeats the last value of what is no longer observed.
    expect(await sdk.values('quonfig.reads')).toMatchObject({
      'static main': 1,
      'static billing': 2,
    });
  });

  it('exactly the documented metrics are observed, with their kinds, units and attributes', async () => {
    const sdk = Sdk.start();
    const server = await serve({ envelope: envelopeOf({ generation: 7, values: { a: 'b' } }) });
    const { service } = await connectTo(server);
    instrument(service);
    const observed = (await sdk.metrics()).map(({ descriptor, ...metric }) => ({
      name: descriptor.name,
      unit: descriptor.unit,
      kind:
        metric.dataPointType === DataPointType.GAUGE
          ? 'gauge'
          : metric.dataPointType === DataPointType.SUM && metric.isMonotonic
            ? 'counter'
            : 'up-down counter',
      attributes: Object.keys(metric.dataPoints[0]!.attributes).sort().join(', '),
    }));
    const documented = pageNamed('docs/opentelemetry.md')
      .table('Metrics')
      .map(([name = '', kind, unit, attributes]) => ({ name, unit, kind, attributes }));
    const byName = (one: { name: string }, other: { name: string }): number =>
      one.name < other.name ? -1 : 1;
    expect(documented.sort(byName)).toEqual(observed.sort(byName));
    expect(observed).toHaveLength(METRICS.length);
  });
});
