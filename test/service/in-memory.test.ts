import { describe, expect, it } from 'vitest';
import { type Config, InMemoryQuonfig, QuonfigService } from '../../lib/index.js';
import { RecordingLogger } from '../support/recording-logger.js';

const limit = (value: number, key = 'limit'): Config => ({
  key,
  type: 'config',
  valueType: 'int',
  default: { rules: [{ value: { type: 'int', value } }] },
});

describe('InMemoryQuonfig', () => {
  it('InMemoryQuonfig is a service that is ready at once', () => {
    const quonfig = new InMemoryQuonfig([limit(20)]);
    expect(quonfig).toBeInstanceOf(QuonfigService);
    expect(quonfig.ready()).toBe(true);
    expect(quonfig.getNumber('limit')).toBe(20);
    expect(quonfig.getNumberDetails('limit').flagMetadata.environment).toBe('test');
  });

  it('InMemoryQuonfig reads unknown keys like any service, unless it is strict', () => {
    const logger = new RecordingLogger();
    const quonfig = new InMemoryQuonfig([limit(20)], { logger });
    expect(quonfig.getNumber('limti', undefined, 5)).toBe(5);
    expect(logger.messages('warn').join()).toContain('Did you mean "limit"?');
    const strict = new InMemoryQuonfig([limit(20)], { strict: true });
    expect(() => strict.getNumber('limti', undefined, 5)).toThrow('Did you mean "limit"?');
  });

  it('put adds and replaces configs, and restore brings back the original ones, each with one update', () => {
    const updates: object[] = [];
    const quonfig = new InMemoryQuonfig([limit(20)], {
      onConfigUpdate: ({ added, changed, removed }) => updates.push({ added, changed, removed }),
    });
    quonfig.put([limit(30), limit(1, 'other')]);
    expect([quonfig.getNumber('limit'), quonfig.getNumber('other')]).toEqual([30, 1]);
    quonfig.restore();
    expect(quonfig.keys()).toEqual(['limit']);
    expect(updates).toEqual([
      { added: ['limit'], changed: [], removed: [] },
      { added: ['other'], changed: ['limit'], removed: [] },
      { added: [], changed: ['limit'], removed: ['other'] },
    ]);
  });

  it('each install has a version of its own', () => {
    const quonfig = new InMemoryQuonfig([limit(20)]);
    const before = quonfig.health().version;
    quonfig.put([limit(30)]);
    expect(quonfig.health().version).not.toBe(before);
    expect(quonfig.metrics().installs).toBe(2);
  });

  it('InMemoryQuonfig keeps no reference to the configs that it is given', () => {
    const config = limit(20);
    const quonfig = new InMemoryQuonfig([config]);
    config.default!.rules![0]!.value.value = 99;
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('InMemoryQuonfig refuses anything that is not a config, and keeps its configs unchanged', () => {
    const quonfig = new InMemoryQuonfig([limit(20)]);
    const broken = { key: 'broken', type: 'config' } as Config;
    expect(() => quonfig.put([limit(30), broken])).toThrow(/"valueType" is not a string/);
    expect(quonfig.getNumber('limit')).toBe(20);
    expect(() => new InMemoryQuonfig([broken])).toThrow(/cannot be used/);
  });

  it('InMemoryQuonfig applies the rules of its environment', () => {
    const config: Config = {
      ...limit(20),
      environment: { id: 'staging', rules: [{ value: { type: 'int', value: 50 } }] },
    };
    expect(new InMemoryQuonfig([config]).getNumber('limit')).toBe(20);
    const staging = new InMemoryQuonfig([config], { environment: 'staging' });
    expect(staging.getNumber('limit')).toBe(50);
  });

  it('within() runs a function with other configs', async () => {
    const quonfig = new InMemoryQuonfig([limit(20)]);
    const inside = await quonfig.within([limit(30)], async () => quonfig.getNumber('limit'));
    expect([inside, quonfig.getNumber('limit')]).toEqual([30, 20]);
  });
});
