import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QuonfigRefresh, QuonfigService } from '../../lib/index.js';
import {
  instrumentQuonfig,
  type QuonfigInstrumentationOptions,
} from '../../lib/opentelemetry/index.js';
import { pageNamed } from '../docs/page.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { Sdk } from './support/sdk.js';

const first = envelopeOf({ generation: 1, version: 'v1', values: { a: 'b' } });

function instrument(service: QuonfigService, options?: QuonfigInstrumentationOptions): () => void {
  const stop = instrumentQuonfig(service, options);
  onTestFinished(stop);
  return stop;
}

describe('spans', () => {
  it('the first load is a span that begins and ends when it did', async () => {
    const sdk = Sdk.start();
    const { service } = await connectTo(await serve({ envelope: first }));
    const [load] = loadsOf(service);
    instrument(service, { name: 'main' });
    const [span, ...others] = sdk.spans;
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: 'quonfig.load',
      parentSpanContext: undefined,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'quonfig.refresh.cause': 'load',
        'feature_flag.set.id': service.health().environment,
        'feature_flag.version': 'v1',
        'quonfig.instance': 'main',
      },
    });
    expect(milliseconds(span!.startTime)).toBe(load!.startedAt.getTime());
    expect(milliseconds(span!.duration)).toBeCloseTo(load!.durationMs, -1);
  });

  it('the span of a refresh is a child of the span that requested it, and has the error of the refresh', async () => {
    const sdk = Sdk.start();
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    instrument(service, { name: 'main' });
    const parent = await sdk.inSpan('request', async (span) => {
      await service.refresh();
      await server.close();
      await expect(service.refresh()).rejects.toThrow();
      return span.spanContext();
    });
    const refreshes = sdk.spans.filter(({ name }) => name === 'quonfig.refresh');
    expect(
      refreshes.map(({ status, attributes }) => [status.code, attributes['error.type']]),
    ).toEqual([
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.ERROR, 'network_error'],
    ]);
    expect(refreshes[1]!.status.message).toContain(server.url);
    const recorded = sdk.spans.flatMap(({ attributes }) => Object.keys(attributes));
    const documented = pageNamed('docs/opentelemetry.md').table('Spans');
    expect(new Set(recorded)).toEqual(new Set(documented.map(([name]) => name)));
    for (const { parentSpanContext } of refreshes) {
      expect(parentSpanContext?.spanId).toBe(parent.spanId);
    }
  });

  it('a poll is the root of a trace, although its timer was started in another one', async () => {
    const sdk = Sdk.start();
    const server = await serve({ envelope: first });
    const options = { enableSSE: false, fallbackPollIntervalMs: 1_000 };
    const { service } = await sdk.inSpan('start', () => connectTo(server, options));
    instrument(service);
    const poll = await until(() => {
      const found = sdk.spans.find(
        ({ attributes }) => attributes['quonfig.refresh.cause'] === 'poll',
      );
      expect(found).toBeDefined();
      return found!;
    });
    expect(poll.parentSpanContext).toBeUndefined();
  });

  it('no span is recorded after the returned function was called', async () => {
    const sdk = Sdk.start();
    const { service } = await connectTo(await serve({ envelope: first }));
    instrument(service)();
    await service.refresh();
    expect(sdk.spans.map(({ name }) => name)).toEqual(['quonfig.load']);
  });
});

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number =>
  seconds * 1e3 + nanoseconds / 1e6;

function loadsOf(service: QuonfigService): QuonfigRefresh[] {
  const loads: QuonfigRefresh[] = [];
  service.refreshes$.subscribe((refresh) => loads.push(refresh)).unsubscribe();
  return loads;
}
