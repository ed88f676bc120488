import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { QuonfigModule, QuonfigService } from '../../lib/index.js';
import { setEnv } from '../support/configs.js';
import { optionsFor, serve } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { Reporting } from './support/reporting.js';

describe('the reason why telemetry is off', () => {
  it('metrics report no_sdk_key without an SDK key, even after close', async () => {
    setEnv({ QUONFIG_BACKEND_SDK_KEY: undefined });
    const { service } = await Reporting.start([200], { sdkKey: undefined });
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', reason: 'no_sdk_key' });
    await service.close();
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', reason: 'no_sdk_key' });
  });

  it('metrics report turned_off when the options disable every collector', async () => {
    const { service } = await Reporting.start([200], {
      collectEvaluationSummaries: false,
      contextUploadMode: 'none',
    });
    expect(service.health().telemetry).toBe('off');
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', reason: 'turned_off' });
  });

  it('metrics report closed after close', async () => {
    const { service } = await Reporting.start([200]);
    expect(service.health().telemetry).toBe('on');
    expect(service.metrics().telemetry).toMatchObject({ state: 'on' });
    expect(service.metrics().telemetry).not.toHaveProperty('reason');
    await service.close();
    expect(service.health().telemetry).toBe('off');
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', reason: 'closed' });
  });

  it('metrics report paused while the service is suspended, and on again after it resumes', async () => {
    const { service } = await Reporting.start([200]);
    service.suspend();
    expect(service.health().telemetry).toBe('off');
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', reason: 'paused' });
    await service.resume();
    expect(service.health().telemetry).toBe('on');
  });

  it('metrics report paused until the live parts have started', async () => {
    const server = await serve();
    const root = QuonfigModule.forRoot(optionsFor(server, { logger: new RecordingLogger() }));
    const app = await Test.createTestingModule({ imports: [root] }).compile();
    const service = app.get(QuonfigService);
    expect(service.metrics().telemetry).toMatchObject({ state: 'off', reason: 'paused' });
    await app.init();
    expect(service.metrics().telemetry).toMatchObject({ state: 'on' });
    await app.close();
  });

  it('metrics report refused after a refusal, even after close', async () => {
    const t = await Reporting.start([401]);
    const refused = { state: 'refused', reason: 'refused', refusedWith: 401 };
    t.record(1);
    await t.tick(1);
    expect(t.telemetry).toMatchObject(refused);
    await t.service.close();
    expect(t.telemetry).toMatchObject(refused);
    expect(t.service.health().telemetry).toBe('refused');
  });
});

describe('refused telemetry', () => {
  it('refused telemetry inspects no more contexts', async () => {
    let inspected = 0;
    const t = await Reporting.start([401], {
      redactContext: (_name, properties) => {
        inspected++;
        return properties;
      },
    });
    t.service.get('flag-0', { user: { key: 'before' } });
    await t.tick(1);
    expect(inspected).toBe(1);
    for (let user = 0; user < 100; user++) t.service.get('flag-1', { user: { key: `u-${user}` } });
    expect(inspected).toBe(1);
    await t.service.flush();
    await t.service.close();
    expect(t.stub.requests).toHaveLength(1);
  });

  it('refused telemetry retains nothing that was recorded', async () => {
    const t = await Reporting.start(['hang', 200]);
    const read = (key: string): WeakRef<object> => {
      const contexts = { user: { key } };
      t.service.get('flag-0', contexts);
      return new WeakRef(contexts);
    };
    t.record(1);
    await t.tick(1);
    const contexts = [read('before')];
    t.stub.release(401);
    await t.until(() => t.telemetry.state === 'refused');
    contexts.push(read('after'));
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const retained = (): boolean => contexts.some((context) => context.deref() !== undefined);
    for (let turn = 0; turn < 20 && retained(); turn++) {
      await t.pass(0);
      collect();
    }
    expect(retained()).toBe(false);
  });
});
