import { Injectable } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { OnQuonfigUpdate } from '../../lib/index.js';
import type { HealthView } from '../../lib/inspector/health-view.js';
import { constant, EnvelopeFile, flagWhen, when } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { optionsFor, serve, until } from '../support/networked.js';
import { ADAPTERS, inspected } from './support/application.js';

@Injectable()
class Subscriber {
  @OnQuonfigUpdate('a')
  onA(): void {
    throw new Error('no luck');
  }

  @OnQuonfigUpdate()
  onAny(): void {}
}

describe.each(ADAPTERS)('health on %s', (adapter) => {
  it('health has state, counters, and nothing that needs attention', async () => {
    const { json } = await inspected([constant('a', 'int', 1)], { adapter });
    const view = await json<HealthView>('/api/health');
    expect(view).toMatchObject({ keyCount: 1, problems: [], unknownKeys: [], patterns: [] });
    expect(view.health).toMatchObject({ ready: true, environment: 'production', mode: 'local' });
    expect(view.metrics.installs).toBe(1);
  });

  it('unknown keys that were read are listed with a suggestion', async () => {
    const { json, quonfig } = await inspected([constant('checkout.new', 'bool', true)], {
      adapter,
    });
    quonfig.getBool('checkout.nwe', undefined, false);
    const { unknownKeys } = await json<HealthView>('/api/health');
    expect(unknownKeys).toEqual([{ key: 'checkout.nwe', suggestion: 'checkout.new' }]);
  });

  it('handlers are listed with their keys and errors', async () => {
    const { json, update } = await inspected([constant('a', 'int', 1)], {
      adapter,
      metadata: { providers: [Subscriber] },
    });
    await update([constant('a', 'int', 2)]);
    await vi.waitFor(async () => {
      const { callbacks } = await json<HealthView>('/api/health');
      expect(callbacks).toEqual([
        {
          name: 'Subscriber.onA',
          keys: ['a'],
          failures: 2,
          lastFailedAt: expect.stringMatching(/^\d{4}-/),
        },
        { name: 'Subscriber.onAny', keys: [], failures: 0 },
      ]);
    });
  });

  it('patterns are listed with the engine that runs them', async () => {
    const flags = [
      flagWhen('usual', when('PROP_MATCHES', 'user.email', '^a+$')),
      flagWhen('broken', when('PROP_DOES_NOT_MATCH', 'user.email', '(')),
    ];
    const { json } = await inspected(flags, { adapter });
    const { patterns, patternCount } = await json<HealthView>('/api/health');
    expect(patternCount).toBe(2);
    expect(patterns).toEqual([
      { key: 'broken', pattern: '(', engine: 'none', problem: expect.any(String) },
      { key: 'usual', pattern: '^a+$', engine: 'linear', maxLength: expect.any(Number) },
    ]);
  });
});

describe('problems of a service', () => {
  it('a file that cannot be read is named with a remedy', async () => {
    const file = new EnvelopeFile([constant('a', 'int', 1)]);
    const { json, quonfig } = await inspected([], { quonfig: { datafile: file.path } });
    file.write('{');
    await quonfig.refresh().catch(() => undefined);
    const { problems, health } = await json<HealthView>('/api/health');
    expect(problems).toEqual([
      {
        summary: 'a file cannot be read',
        text: expect.stringContaining('older than the files'),
        remedy: expect.stringContaining(file.path),
      },
    ]);
    expect(health.lastError).toContain('envelope.json');
  });

  it('a refused stream is explained with a remedy', async () => {
    const server = await serve({
      envelope: envelopeOf({ generation: 1, version: 'v1', values: {} }),
    });
    const { json, quonfig } = await inspected([], {
      quonfig: { datafile: undefined, ...optionsFor(server) },
    });
    await until(() => expect(quonfig.connectionState()).toBe('connected'));
    server.revoke();
    server.endStreams();
    await until(async () => {
      const { problems } = await json<HealthView>('/api/health');
      expect(problems).toEqual([
        {
          summary: 'the stream was refused',
          text: expect.stringContaining('refused the stream'),
          remedy: expect.stringContaining('Correct the SDK key'),
        },
      ]);
    });
  });
});
