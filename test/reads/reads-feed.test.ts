import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AmbientScope } from '../../lib/client/ambient-contexts.js';
import type { QuonfigModuleOptions, QuonfigRead, QuonfigService } from '../../lib/index.js';
import { serviceOf, setEnv } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { ABSENT_VARIABLE, SECRET, variedConfigs } from '../support/varied-configs.js';

async function observed(
  options: QuonfigModuleOptions = {},
): Promise<{ service: QuonfigService; reads: QuonfigRead[] }> {
  setEnv({ [ABSENT_VARIABLE]: undefined });
  const service = await serviceOf(variedConfigs, { onNoDefault: 'ignore', ...options });
  const reads: QuonfigRead[] = [];
  const subscription = service.reads$.subscribe((read) => reads.push(read));
  onTestFinished(() => subscription.unsubscribe());
  return { service, reads };
}

const ofRead = ({ key, value: received, details }: QuonfigRead) => [
  key,
  received,
  details.reason,
  details.variant,
  details.errorCode,
];

describe('reads$', () => {
  it('a subscriber that leaves while a read asks for its contexts does not break the read', async () => {
    const service = await serviceOf(variedConfigs);
    const subscription = service.reads$.subscribe();
    class Leaving extends AmbientScope {
      get base(): undefined {
        subscription.unsubscribe();
        return undefined;
      }
    }
    const limit = service.get('limit');
    expect(service.parts.ambient.run(new Leaving(), () => service.get('limit'))).toBe(limit);
    expect(subscription.closed).toBe(true);
  });

  it('each read is emitted with what its caller received and how the value came about', async () => {
    const { service, reads } = await observed();
    service.get('limit');
    service.getString('limit');
    service.getDuration('pause');
    service.isEnabled('pro', { user: { plan: 'pro' } });
    service.isEnabled('pro');
    service.get('color', { user: { key: 'u-1' } });
    service.get('unmatched', undefined, 'none');
    service.get('absent', undefined, 7);
    service.isEnabled('absent');
    service.getNumberDetails('limit');
    service.getBoolDetails('limit');
    void service.live('limit').value;
    expect(reads.map(ofRead)).toEqual([
      ['limit', 20, 'STATIC', 'static', undefined],
      ['limit', '20', 'STATIC', 'static', undefined],
      ['pause', 2000, 'STATIC', 'static', undefined],
      ['pro', true, 'TARGETING_MATCH', 'targeting:0', undefined],
      ['pro', false, 'TARGETING_MATCH', 'targeting:1', undefined],
      ['color', 'red', 'SPLIT', 'split:0', undefined],
      ['unmatched', 'none', 'DEFAULT', 'default', undefined],
      ['absent', 7, 'ERROR', 'default', 'FLAG_NOT_FOUND'],
      ['absent', false, 'ERROR', 'default', 'FLAG_NOT_FOUND'],
      ['limit', 20, 'STATIC', 'static', undefined],
      ['limit', undefined, 'ERROR', 'default', 'TYPE_MISMATCH'],
      ['limit', 20, 'STATIC', 'static', undefined],
    ]);
  });

  it('a read that throws is emitted with an undefined value and its error', async () => {
    const { service, reads } = await observed({ onNoDefault: 'error', onUnknownKey: 'throw' });
    expect(() => service.get('host')).toThrow();
    expect(() => service.get('unmatched')).toThrow();
    expect(() => service.get('absent', undefined, 7)).toThrow();
    expect(() => service.getNumber('word')).toThrow();
    expect(reads.map(ofRead)).toEqual([
      ['host', undefined, 'ERROR', 'default', 'GENERAL'],
      ['unmatched', undefined, 'DEFAULT', 'default', undefined],
      ['absent', undefined, 'ERROR', 'default', 'FLAG_NOT_FOUND'],
      ['word', undefined, 'ERROR', 'default', 'GENERAL'],
    ]);
    expect(reads[0]!.details.errorMessage).toContain('QUONFIG_TEST_ABSENT');
  });

  it('a read carries its contexts, of which the innermost of a name applies, its version and its environment', async () => {
    const { service, reads } = await observed({
      globalContext: { user: { key: 'global' }, region: { key: 'eu' } },
    });
    service.withContext({ user: { key: 'bound' } }).get('limit', { device: { key: 'd-1' } });
    const { contexts, version, environment } = reads[0]!;
    expect(contexts).toEqual({
      device: { key: 'd-1' },
      user: { key: 'bound' },
      region: { key: 'eu' },
    });
    // Properties of contexts are readable without a type assertion.
    const owner: unknown = contexts['user']?.['key'];
    expect(owner).toBe('bound');
    expect({ version, environment }).toEqual({ version: 'v1', environment: 'production' });
  });

  it('the reason of a read is that of its details', async () => {
    const { service, reads } = await observed();
    service.get('limit');
    service.isEnabled('pro');
    service.get('color', { user: { key: 'u-1' } });
    service.get('unmatched', undefined, 'none');
    service.get('absent', undefined, 7);
    expect(() => service.get('host')).toThrow();
    service.getBoolDetails('limit');
    const reasons = reads.map(({ reason }) => reason);
    const first = ['STATIC', 'TARGETING_MATCH', 'SPLIT', 'DEFAULT', 'ERROR', 'ERROR', 'ERROR'];
    expect(reasons).toEqual(first);
    expect(reads.map(({ details }) => details.reason)).toEqual(reasons);
  });

  it('a confidential value is marked as secret', async () => {
    const { service, reads } = await observed();
    service.get('secret');
    service.get('limit');
    service.getStringDetails('secret');
    expect(reads.map((read) => read.isSecret)).toEqual([true, false, true]);
  });

  it('a read that is logged shows neither contexts nor secret values', async () => {
    const { service, reads } = await observed();
    service.get('secret', { user: { email: 'anna@example.com' } });
    service.get('pro', { user: { plan: 'pro' } });
    const shown = inspect(reads, { depth: 9, showHidden: true, getters: true });
    for (const text of [shown, JSON.stringify(reads)]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain('anna@example.com');
      expect(text).toContain('*****');
    }
    expect(JSON.parse(JSON.stringify(reads[1]))).toEqual({
      key: 'pro',
      value: true,
      reason: 'TARGETING_MATCH',
      variant: 'targeting:0',
      version: 'v1',
      environment: 'production',
    });
  });

  it('what a subscriber reads is not emitted, and an error of a subscriber affects nothing', async () => {
    const logger = new RecordingLogger();
    const { service, reads } = await observed({ logger });
    service.reads$.subscribe(() => {
      service.get('word');
      throw new Error('broken subscriber');
    });
    expect(service.get('limit')).toBe(20);
    expect(service.get('limit')).toBe(20);
    expect(reads.map(({ key }) => key)).toEqual(['limit', 'limit']);
    expect(logger.lines('error').filter((line) => line.includes('broken subscriber'))).toHaveLength(
      2,
    );
  });

  it('a subscriber receives no read from before its subscription or after the end of it', async () => {
    const { service, reads } = await observed();
    const late: string[] = [];
    service.get('limit');
    const subscription = service.reads$.subscribe(({ key }) => late.push(key));
    service.get('word');
    subscription.unsubscribe();
    service.get('pause');
    expect(late).toEqual(['word']);
    expect(reads.map(({ key }) => key)).toEqual(['limit', 'word', 'pause']);
  });

  it('shouldLog and explain are not emitted', async () => {
    const { service, reads } = await observed({ loggerKey: 'word' });
    service.shouldLog({ loggerPath: 'App', desiredLevel: 'info' });
    service.explain('limit');
    expect(reads).toEqual([]);
  });
});
