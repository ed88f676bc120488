import 'reflect-metadata';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type OpenMetricsContentType, Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PACKAGE_VERSION } from '../../lib/delivery/sdk-version.js';
import { QuonfigModule, QuonfigService } from '../../lib/index.js';
import { METRICS } from '../../lib/prometheus/metric-definitions.js';
import { registerQuonfigMetrics } from '../../lib/prometheus/index.js';
import { connectTo, serve, until } from '../support/networked.js';
import { pageNamed } from '../docs/page.js';
import { envelopeOf } from '../support/delivery-server.js';
import { MeetingDirectory } from '../support/shared-stream.js';
import { RecordingLogger } from '../support/recording-logger.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });
const restarts = 'quonfig_sdk_worker_restart_total';

/** The lines of a scrape: `name{labels in order}` and the value. */
async function scrape(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(url)).text();
  return parsed(text);
}

function parsed(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
      return [`${name}{${labels.split(',').sort().join()}}`, Number(value)];
    }),
  );
}

const restartLine = (layer: 1 | 2, reason: string): string =>
  `${restarts}{layer="${layer}",reason="${reason}",sdk="nestjs",sdk_version="${PACKAGE_VERSION}"}`;

async function local(): Promise<QuonfigService> {
  const service = await QuonfigService.create({ datafile: first, logger: new RecordingLogger() });
  onTestFinished(() => service.close());
  return service;
}

/** The URL of an application that serves the registry. */
async function served(registry: Registry): Promise<string> {
  @Controller('metrics')
  class MetricsController {
    @Get()
    @Header('content-type', registry.contentType)
    metrics(): Promise<string> {
      return registry.metrics();
    }
  }
  @Module({ controllers: [MetricsController] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  return `${await app.getUrl()}/metrics`;
}

describe('scraped metrics', () => {
  it('the restart counters are exported as 0 from the start and as 3 after three failures', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    const registry = new Registry();
    registerQuonfigMetrics(registry, service);
    const url = await served(registry);
    await until(() => expect(service.connectionState()).toBe('connected'));
    const before = await scrape(url);
    for (const layer of [1, 2] as const) {
      for (const reason of ['worker_throw', 'worker_exit', 'read_timeout']) {
        expect(before.get(restartLine(layer, reason)), reason).toBe(0);
      }
    }
    expect(before.get('quonfig_sse_connect_attempts_total{}')).toBe(1);

    server.stream.answerNext({ status: 500 }, { status: 500 });
    server.dropStreams();
    await until(() => expect(service.metrics().connectAttempts).toBe(4));
    await until(() => expect(service.connectionState()).toBe('connected'));
    const after = await scrape(url);
    expect(after.get(restartLine(1, 'worker_throw'))).toBe(3);
    expect(after.get(restartLine(2, 'worker_throw'))).toBe(0);
    expect((await scrape(url)).get(restartLine(1, 'worker_throw'))).toBe(3);
  });

  it('the connection state is exported even after the service was closed', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    const registry = new Registry();
    registerQuonfigMetrics(registry, service);
    await until(() => expect(service.connectionState()).toBe('connected'));
    const open = parsed(await registry.metrics());
    expect(open.get('quonfig_ready{}')).toBe(1);
    expect(open.get('quonfig_generation{}')).toBe(7);
    expect(open.get('quonfig_config_installs_total{}')).toBe(1);
    expect(open.get('quonfig_terminal_failure{}')).toBe(0);
    expect(open.get('quonfig_connection_state{state="connected"}')).toBe(1);
    expect(open.get('quonfig_connection_state{state="disconnected"}')).toBe(0);
    expect(open.get('quonfig_last_successful_refresh_timestamp_seconds{}')).toBe(
      service.lastSuccessfulRefresh()!.getTime() / 1000,
    );
    await service.close();
    const closed = parsed(await registry.metrics());
    expect(closed.get('quonfig_connection_state{state="disconnected"}')).toBe(1);
    expect(closed.get('quonfig_connection_state{state="connected"}')).toBe(0);
    expect(closed.get('quonfig_config_installs_total{}')).toBe(1);
  });
});

it('saved configs are exported as such, with their age, until newer ones replace them', async () => {
  const server = await serve({ envelope: first });
  const persistence = { store: new Map<string, string>() };
  const { service: before } = await connectTo(server, { persistence });
  const savedAt = before.lastSuccessfulRefresh()!;
  await before.close();
  server.configs.answerAlways({ status: 503 });
  server.stream.answerAlways({ status: 503 });
  const { service } = await connectTo(server, { persistence, initTimeout: 100 });
  const registry = new Registry();
  registerQuonfigMetrics(registry, service);
  const saved = parsed(await registry.metrics());
  expect(saved.get('quonfig_saved_configs{}')).toBe(1);
  expect(saved.get('quonfig_connection_state{state="connected"}')).toBe(0);
  const refreshed = saved.get('quonfig_last_successful_refresh_timestamp_seconds{}')!;
  expect(refreshed).toBeGreaterThanOrEqual(savedAt.getTime() / 1_000);
  expect(refreshed).toBe(service.lastSuccessfulRefresh()!.getTime() / 1_000);
  server.publish(envelopeOf({ generation: 8 }));
  server.configs.answerNormally();
  server.stream.answerNormally();
  await until(() => expect(service.heldGeneration()).toBe(8));
  expect(parsed(await registry.metrics()).get('quonfig_saved_configs{}')).toBe(0);
});

describe('the role in a cluster', () => {
  const roleIn = async (service: QuonfigService): Promise<Record<string, number>> => {
    const registry = new Registry();
    registerQuonfigMetrics(registry, service);
    const samples = parsed(await registry.metrics());
    const roles = [...samples].filter(([line]) => line.startsWith('quonfig_cluster_role'));
    return Object.fromEntries(roles.map(([line, value]) => [/"(.*)"/.exec(line)![1], value]));
  };
  const others = { 'via primary': 0, 'via leader': 0, alone: 0, none: 0, leader: 0 };

  it('the role in a cluster is exported by each process that shares a stream', async () => {
    const server = await serve({ envelope: first });
    const directory = new MeetingDirectory();
    const { service: leader } = await connectTo(server, directory.options());
    const { service: follower } = await connectTo(server, directory.options());
    await until(async () => expect(await roleIn(leader)).toEqual({ ...others, leader: 1 }));
    await until(async () => expect(await roleIn(follower)).toEqual({ ...others, 'via leader': 1 }));
    await leader.close();
    await until(async () => expect(await roleIn(follower)).toEqual({ ...others, leader: 1 }));
    expect(await roleIn(leader)).toEqual({ ...others, none: 1 });
  });

  it('a process that cannot share is exported as alone', async () => {
    const clusterDirectory = join(tmpdir(), 'x'.repeat(300));
    const { service } = await connectTo(await serve({ envelope: first }), {
      cluster: 'shared',
      clusterDirectory,
    });
    expect(await roleIn(service)).toEqual({ ...others, alone: 1 });
  });

  it('the role in a cluster is missing without a shared stream', async () => {
    const { service } = await connectTo(await serve({ envelope: first }));
    expect(await roleIn(service)).toEqual({});
  });
});

describe('registerQuonfigMetrics', () => {
  it('one registry keeps named services apart until each is unregistered', async () => {
    const registry = new Registry();
    const one = await local();
    const off = registerQuonfigMetrics(registry, one);
    const billingOff = registerQuonfigMetrics(registry, await local(), { name: 'billing' });
    const both = parsed(await registry.metrics());
    expect(both.get('quonfig_ready{}')).toBe(1);
    expect(both.get('quonfig_ready{name="billing"}')).toBe(1);
    expect([...both.keys()].filter((line) => line.includes('last_successful'))).toEqual([]);
    off();
    expect([...parsed(await registry.metrics()).keys()]).not.toContain('quonfig_ready{}');
    billingOff();
    expect(registry.getMetricsAsArray()).toEqual([]);
    registerQuonfigMetrics(registry, one);
    off();
    expect(parsed(await registry.metrics()).get('quonfig_ready{}')).toBe(1);
  });

  it('a registry rejects two services with the same name, but accepts them after clear()', async () => {
    const registry = new Registry();
    const service = await local();
    registerQuonfigMetrics(registry, service);
    expect(() => registerQuonfigMetrics(registry, service)).toThrow(
      expect.objectContaining({ code: 'duplicate_metrics' }),
    );
    registry.clear();
    registerQuonfigMetrics(registry, service);
    expect(parsed(await registry.metrics()).get('quonfig_ready{}')).toBe(1);
  });

  it('the service that app.get returns is registered as it is, with or without a key table', async () => {
    const module = QuonfigModule.forRoot({ datafile: first, logger: new RecordingLogger() });
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    onTestFinished(() => app.close());
    const registry = new Registry();
    // Compiling these calls is part of the test: `app.get` infers `QuonfigService<unknown>`.
    const quonfig = app.get(QuonfigService);
    registerQuonfigMetrics(registry, quonfig)();
    registerQuonfigMetrics(registry, app.get<QuonfigService<{ greeting: string }>>(QuonfigService));
    expect(parsed(await registry.metrics()).get('quonfig_ready{}')).toBe(1);
  });

  it('metrics can be registered on an OpenMetrics registry', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    registerQuonfigMetrics(registry, await local());
    expect(await registry.metrics()).toContain('quonfig_ready 1');
  });

  it('exactly the documented metrics are registered', async () => {
    const registry = new Registry();
    registerQuonfigMetrics(registry, await local());
    const registered = registry.getMetricsAsArray().map(({ name }) => name);
    const documented = pageNamed('docs/operations.md')
      .items('Prometheus')
      .map((item) => {
        const match = /^`(\w+)` \((counter|gauge)(?:; labels ([^)]+))?\): \S/.exec(item);
        return { name: match?.[1] ?? item, kind: match?.[2], labels: match?.[3] ?? '' };
      });
    expect(documented.map(({ name }) => name).sort()).toEqual(registered.sort());
    for (const { name, kind, labelNames } of METRICS) {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      expect(documented).toContainEqual({ name, kind, labels });
    }
  });
});
