import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Page, root } from '../docs/page.js';
import { START_TIMEOUT_MS, WorkspaceCopy } from './quickstart-support.js';
import { printedBy, statedBy } from './readme-commands.js';
import { RunningSample } from './running-sample.js';

const README = 'sample/03-request-context/README.md';
const OPEN = 'feature-flags/shop.open.json';
const PAGE_SIZE = 'configs/orders.page-size.json';
/** The rule of `shop.open` for everyone. */
const OPEN_TO_ALL =
  '{ "criteria": [{ "operator": "ALWAYS_TRUE" }], "value": { "type": "bool", "value": true } }';
const TIMEOUT = { timeout: 15_000 };

const orders = {
  anna: { orders: [105, 104, 103, 102, 101], express: true, shipping: 0 },
  ben: { orders: [105, 104], express: false, shipping: 7 },
};

describe('sample/03-request-context', () => {
  let workspace: WorkspaceCopy;
  let sample: RunningSample;

  const login = async (name: string): Promise<Record<string, string>> => {
    const body = new URLSearchParams({ name });
    const response = await fetch(`${sample.url}/login`, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
    return { authorization: `Bearer ${await response.text()}` };
  };

  const request = async (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${sample.url}${path}`, { method, headers });
    return { status: response.status, body: await response.json() };
  };

  const reads = (): string[] =>
    [...sample.output.matchAll(/\[Reads\] (.+)/g)].map(([, read]) => read!);

  /** Waits until these are the last reads that the sample has logged. */
  const lastReads = (expected: string[]): Promise<void> =>
    vi.waitFor(() => {
      expect(reads().slice(-expected.length)).toEqual(expected);
    }, TIMEOUT);

  beforeAll(async () => {
    workspace = await WorkspaceCopy.create(join(root, 'sample', '03-request-context', 'workspace'));
    sample = await RunningSample.start('demo:context', { QUONFIG_DIR: workspace.path });
  }, START_TIMEOUT_MS + 10_000);

  afterEach(async () => {
    for (const file of [OPEN, PAGE_SIZE]) await workspace.restore(file);
    await vi.waitFor(async () => {
      expect(await request('/orders', await login('anna'))).toEqual({
        status: 200,
        body: orders.anna,
      });
    }, TIMEOUT);
  });

  afterAll(async () => {
    await sample?.stop('SIGKILL');
    await workspace?.remove();
  });

  it('the commands in the README print the output that it shows', async () => {
    const page = new Page(README);
    expect(statedBy(page).length).toBeGreaterThan(5);
    expect(await printedBy(page, { 'http://127.0.0.1:3004': sample.url })).toEqual(statedBy(page));
  });

  it('a guard in front of authentication sees no user, and everything behind it sees the user', async () => {
    const [stated] = new Page(README).blocks.filter(({ language }) => language === 'text');
    const anna = await login('anna');
    await request('/orders', anna);
    await lastReads(stated!.code.split('\n'));
  });

  it('a flag guard behind authentication sees the user', async () => {
    const ben = await login('ben');
    await request('/exports', ben, 'POST');
    await lastReads(['shop.open is true for nobody', 'orders.export is false for ben']);
  });

  it('a route behind a flag responds like a missing route, and without a token like an unauthorized one', async () => {
    const ben = await login('ben');
    const denied = await request('/exports', ben, 'POST');
    const missing = await request('/no-such-route', ben, 'POST');
    expect(denied.status).toBe(404);
    expect(JSON.stringify(denied)).toBe(
      JSON.stringify(missing).replace('/no-such-route', '/exports'),
    );
    expect((await request('/exports', {}, 'POST')).status).toBe(401);
    const forged = { authorization: 'Bearer forged' };
    expect((await request('/exports', forged, 'POST')).status).toBe(401);
  });

  it('a job reads with the contexts of the user who asked for it', async () => {
    const anna = await login('anna');
    const { body } = await request('/exports', anna, 'POST');
    const { id } = body as { id: number };
    expect(await request(`/exports/${id}`, anna)).toEqual({
      status: 200,
      body: { id, user: 'anna', rows: 1000 },
    });
    await vi.waitFor(() => {
      const ofJobs = reads().filter((read) => read.startsWith('exports.'));
      expect(ofJobs).toEqual(Array(id).fill('exports.max-rows is 1000 for anna'));
    }, TIMEOUT);
  });

  it('200 concurrent requests of two customers each read with their own contexts', async () => {
    const headers = { anna: await login('anna'), ben: await login('ben') };
    const names = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? 'anna' : 'ben'));
    const responses = await Promise.all(names.map((name) => request('/orders', headers[name])));
    expect(responses.map(({ body }) => body)).toEqual(names.map((name) => orders[name]));
  });

  it('a closed shop is closed to staff too, because the guard sees no user', async () => {
    const carla = await login('carla');
    expect((await request('/orders', carla)).status).toBe(200);

    await workspace.edit(OPEN, OPEN_TO_ALL, OPEN_TO_ALL.replace('true', 'false'));

    await vi.waitFor(async () => {
      expect((await request('/orders', carla)).status).toBe(503);
    }, TIMEOUT);
  });

  it('an edited config applies to the next request', async () => {
    await workspace.edit(PAGE_SIZE, '"value": "5"', '"value": "3"');

    await vi.waitFor(async () => {
      const { body } = await request('/orders', await login('anna'));
      expect(body).toEqual({ ...orders.anna, orders: [105, 104, 103] });
    }, TIMEOUT);
  });
});
