import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Child } from '../support/child-process.js';
import { ConfigMapMount } from '../support/config-map-mount.js';
import { nestMajor } from '../support/nest-major.js';
import { ProductionImage } from './production-image.js';
import { container, env, mountedFiles, pod } from './production-manifests.js';

const TIMEOUT = { timeout: 15_000, interval: 50 };
const GREETING = 'configs/greeting.json';

/** The files of the ConfigMap with some of them changed. */
function files(changes: Record<string, (text: string) => string> = {}): Record<string, string> {
  const mounted = mountedFiles();
  for (const [path, change] of Object.entries(changes)) {
    const text = change(mounted[path]!);
    if (text === mounted[path]) throw new Error(`${path} is the same after the change.`);
    mounted[path] = text;
  }
  return mounted;
}

describe('sample/08-production, started as its image does', () => {
  let image: ProductionImage;
  let mount: ConfigMapMount;
  let app: Child;
  let url: string;

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };

  const start = async (more: Record<string, string> = {}): Promise<void> => {
    app = image.start({ ...env, QUONFIG_WORKSPACE: mount.path, PORT: '0', ...more });
    const [, port] = await app.printed(/Listening at http:\/\/\S+:(\d+)/);
    url = `http://127.0.0.1:${port}`;
  };

  const stop = async (): Promise<void> => {
    app.kill('SIGKILL');
    await app.ended;
  };

  /** Waits until the application logs a line with this message, which it has not logged before. */
  const logged = async (act: () => unknown, message: RegExp): Promise<void> => {
    const { length } = app.output;
    await act();
    await vi.waitFor(() => expect(app.output.slice(length)).toMatch(message), TIMEOUT);
  };

  beforeAll(async () => {
    image = await ProductionImage.create();
    mount = new ConfigMapMount(join(image.folder, 'etc', 'quonfig'));
    mount.publish(files());
    await start();
  }, 120_000);

  afterAll(async () => {
    if (app) await stop();
    await image?.remove();
  });

  it('the probes of the manifests succeed', async () => {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) {
      expect(await get(httpGet.path)).toMatchObject({ status: 200 });
    }
    const { text } = await get(readinessProbe.httpGet.path);
    expect(JSON.parse(text)).toMatchObject({ info: { quonfig: { status: 'up' } } });
  });

  it('every line of the log is JSON', () => {
    const lines = app.output.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 'log' });
  });

  it('the annotated path returns the metrics of Node and of Quonfig', async () => {
    const { annotations } = pod.metadata;
    expect(annotations['prometheus.io/scrape']).toBe('true');
    const { status, text } = await get(annotations['prometheus.io/path']!);
    expect(status).toBe(200);
    expect(text).toMatch(/^quonfig_ready 1$/m);
    expect(text).toMatch(/^quonfig_connection_state\{state="connected"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it('a swapped ConfigMap applies without a restart, however often it changes', async () => {
    expect((await get('/')).text).toBe('Hello');
    for (const greeting of ['Good morning', 'Good evening']) {
      mount.publish(files({ [GREETING]: (text) => text.replace('Hello', greeting) }));
      await vi.waitFor(async () => expect((await get('/')).text).toBe(greeting), TIMEOUT);
    }
    mount.publish(files());
    await vi.waitFor(async () => expect((await get('/')).text).toBe('Hello'), TIMEOUT);
  });

  it('a ConfigMap with a broken file changes no value, and the pod stays ready', async () => {
    const broken = files({ [GREETING]: (text) => text.replace('Hello', 'Lost').slice(0, -3) });
    await logged(() => mount.publish(broken), /Reloading the configs failed/);
    expect((await get('/')).text).toBe('Hello');
    const readiness = await get(container.readinessProbe.httpGet.path);
    expect(readiness.status).toBe(200);
    const impaired = nestMajor === 11 ? 'up' : 'degraded';
    expect(JSON.parse(readiness.text)).toMatchObject({
      details: { quonfig: { status: impaired } },
    });

    mount.publish(files({ [GREETING]: (text) => text.replace('Hello', 'Found') }));
    await vi.waitFor(async () => expect((await get('/')).text).toBe('Found'), TIMEOUT);
    mount.publish(files());
  });

  it('a log level in the ConfigMap applies without a restart', async () => {
    const LEVEL = 'log-levels/log-level.production.json';
    await get('/');
    expect(app.output).not.toContain('"level":"debug"');
    mount.publish(files({ [LEVEL]: (text) => text.replace('"info"', '"debug"') }));
    await vi.waitFor(async () => {
      await get('/');
      expect(app.output).toMatch(/"level":"debug".*A greeting was requested/);
    }, TIMEOUT);
    mount.publish(files());
  });

  it('a flag of the ConfigMap hides a route', async () => {
    const off = files({ 'feature-flags/reports.json': (text) => text.replace('true', 'false') });
    mount.publish(off);
    await vi.waitFor(async () => expect((await get('/report')).status).toBe(404), TIMEOUT);
    mount.publish(files());
    await vi.waitFor(async () => expect((await get('/report')).status).toBe(200), TIMEOUT);
  });

  it('the application created no files of its own', () => {
    expect(readdirSync(image.app).sort()).toEqual(['dist', 'node_modules', 'package.json']);
    expect(readdirSync(image.folder).sort()).toEqual(['app', 'etc', 'node']);
  });

  it('SIGTERM ends readiness first, then new connections, and a request in flight still gets its response', async () => {
    await stop();
    mount.publish(
      files({ 'configs/report.duration.json': (text) => text.replace('PT2S', 'PT4S') }),
    );
    await start({ DRAIN_MS: '1500' });
    const report = get('/report');
    // The request is in flight once a later one has been answered.
    await get('/');

    await logged(() => app.kill('SIGTERM'), /SIGTERM/);
    expect((await get(container.readinessProbe.httpGet.path)).status).toBe(503);
    expect((await get(container.livenessProbe.httpGet.path)).status).toBe(200);
    expect((await get('/')).text).toBe('Hello');

    await vi.waitFor(() => expect(get('/')).rejects.toThrow(), TIMEOUT);
    expect(await report).toEqual({ status: 200, text: '{"rows":100}' });
    expect(await app.ended).toEqual({ code: 0, signal: null });
  }, 60_000);

  it('a process without its workspace ends with a failure, so that its pod never becomes ready', async () => {
    const failed = image.start({ ...env, QUONFIG_WORKSPACE: '/no/such/workspace', PORT: '0' });
    expect(await failed.ended).toMatchObject({ code: 1 });
    expect(failed.output).toContain('/no/such/workspace');
  }, 30_000);
});
