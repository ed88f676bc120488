import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { map } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ConfigStore,
  LocalDelivery,
  NetworkDelivery,
  QuonfigModule,
  type QuonfigModuleOptions,
  QuonfigService,
} from '../../lib/index.js';
import { optionsFor, serve, until } from '../support/networked.js';
import { constant, EnvelopeFile } from '../support/configs.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { uncaught } from '../support/uncaught.js';

const fails = (): never => {
  throw new Error('of the application');
};

/** An application that closes with the test. */
async function applicationWith(options: QuonfigModuleOptions) {
  const log = new RecordingLogger();
  const imports = [QuonfigModule.forRoot({ ...options, logger: log })];
  const app = await Test.createTestingModule({ imports }).compile();
  onTestFinished(() => app.close());
  await app.init();
  const service = app.get(QuonfigService);
  return { app, service, log, errorCount: () => service.metrics().callbackErrors };
}

async function reading() {
  const file = new EnvelopeFile([constant('n', 'int', 1)]);
  const application = await applicationWith({ datafile: file.path });
  const install = async (n: number) => {
    file.set([constant('n', 'int', n)]);
    await application.service.refresh();
  };
  return { ...application, install };
}

describe('throwing subscribers of injected parts', () => {
  it('a throwing subscriber of the store is logged and counted', async () => {
    const { app, log, install, errorCount } = await reading();
    app.get(ConfigStore).updates$.subscribe(fails);
    expect(await uncaught(() => install(2))).toEqual([]);
    expect(errorCount()).toBe(1);
    expect(log.lines('error')).toEqual([
      expect.stringMatching(/A subscriber of updates\$ failed.*of the application/s),
    ]);
  });

  it('a throwing subscriber of the local delivery is logged and counted', async () => {
    const { app, service, log, errorCount } = await reading();
    app.get(LocalDelivery).connectionState$.subscribe(fails);
    const errors = await uncaught(async () => service.suspend());
    expect(errors).toEqual([]);
    expect(errorCount()).toBe(2);
    expect(log.text).toContain('A subscriber of connectionState$');
  });

  it('throwing subscribers of the network delivery are logged and counted', async () => {
    const server = await serve({ envelope: envelopeOf({ generation: 1 }) });
    const { app, service, log, errorCount } = await applicationWith(optionsFor(server));
    const delivery = app.get(NetworkDelivery);
    await until(() => expect(service.connectionState()).toBe('connected'));
    const errors = await uncaught(async () => {
      delivery.connectionState$.subscribe(fails);
      delivery.streamState$.subscribe(fails);
      delivery.terminalFailure$.subscribe(fails);
      server.revoke();
      server.endStreams();
      await until(() => expect(service.terminalFailure()).toBe(true));
    });
    expect(errors).toEqual([]);
    expect(errorCount()).toBeGreaterThanOrEqual(4);
    for (const name of ['connectionState$', 'streamState$', 'terminalFailure$']) {
      expect(log.text).toContain(`A subscriber of ${name}`);
    }
  });

  it('a throwing subscriber is counted even if the service has a custom store', async () => {
    const store = new ConfigStore();
    const file = new EnvelopeFile([constant('n', 'int', 1)]);
    const log = new RecordingLogger();
    const imports = [QuonfigModule.forRoot({ datafile: file.path, logger: log })];
    const app = await Test.createTestingModule({ imports })
      .overrideProvider(ConfigStore)
      .useValue(store)
      .compile();
    onTestFinished(() => app.close());
    const service = app.get(QuonfigService);
    service.updates$.subscribe(fails);
    file.set([constant('n', 'int', 2)]);
    expect(await uncaught(() => service.refresh())).toEqual([]);
    expect(service.metrics().callbackErrors).toBe(1);
  });
});

describe('throwing operators', () => {
  it('an operator that throws ends its subscription, and the failure is logged and counted', async () => {
    const { app, service, log, install, errorCount } = await reading();
    const subscriptions = [
      service.updates$.pipe(map(fails)).subscribe(),
      service.updates$.pipe(map(fails)).subscribe(() => undefined),
      service
        .observe('n')
        .pipe(map(fails))
        .subscribe({ next: () => undefined }),
      app.get(ConfigStore).updates$.pipe(map(fails)).subscribe(),
    ];
    const seen: string[] = [];
    service.updates$.subscribe(({ version }) => seen.push(version));

    const errors = await uncaught(async () => {
      await install(2);
      await install(3);
    });

    expect(errors).toEqual([]);
    expect(subscriptions.map(({ closed }) => closed)).toEqual([true, true, true, true]);
    expect(errorCount()).toBe(4);
    expect(log.lines('error')).toHaveLength(4);
    expect(log.text).toMatch(/An operator on updates\$, which ends its subscription, failed/);
    expect(log.text).toContain('of the application');
    expect(seen).toHaveLength(2);
  });

  it('the error callback receives the failure of an operator, which is then neither logged nor counted', async () => {
    const { service, log, install, errorCount } = await reading();
    const heard: unknown[] = [];
    service.updates$.pipe(map(fails)).subscribe({ error: (reason) => heard.push(reason) });
    await install(2);
    expect(heard).toEqual([expect.objectContaining({ message: 'of the application' })]);
    expect(errorCount()).toBe(0);
    expect(log.lines('error')).toEqual([]);
  });

  it('error and complete callbacks that throw are counted, and the process continues', async () => {
    const { service, install, errorCount } = await reading();
    const errors = await uncaught(async () => {
      service.updates$.pipe(map(fails)).subscribe({ error: fails });
      service.updates$.subscribe({ complete: fails });
      await install(2);
      await service.close();
    });
    expect(errors).toEqual([]);
    expect(errorCount()).toBe(2);
  });
});
