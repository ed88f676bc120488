import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  START_TIMEOUT_MS,
  startDeliverySample,
  type Board,
  type DeliverySample,
} from './delivery-sample-support.js';
import { findChromium, launchChromium } from '../support/chromium.js';

/** Longer than the longest delay between two attempts of the stream. */
const TIMEOUT = { timeout: 45_000, interval: 100 };
const TEST_TIMEOUT_MS = 120_000;

const chromiumPath = findChromium();
const withoutBrowser = chromiumPath === undefined && process.env.CI === undefined;

describe('sample/02-delivery', () => {
  let sample: DeliverySample;

  const becomes = (expected: object, status = 200): Promise<void> =>
    vi.waitFor(async () => {
      const health = await sample.health();
      expect(health.body).toMatchObject(expected);
      expect(health.status).toBe(status);
    }, TIMEOUT);

  const headlines = async (): Promise<string[]> => {
    const board = (await (await fetch(`${sample.url}/values`)).json()) as Board;
    return board.rows.map(({ headline }) => headline);
  };

  /** Restores the initial state, whatever a test did. */
  const restore = async (): Promise<void> => {
    await sample.press('start');
    await sample.press('allow');
    await sample.press('publish');
    await sample.press('reconnect');
    await becomes({ connectionState: 'connected', terminalFailure: false });
    await vi.waitFor(async () => {
      expect(await headlines()).toEqual(['Fresh this week', 'Welcome back', 'Fresh this week']);
    }, TIMEOUT);
  };

  beforeAll(async () => {
    sample = await startDeliverySample();
    await becomes({ connectionState: 'connected' });
  }, START_TIMEOUT_MS + 60_000);

  afterEach(restore, TEST_TIMEOUT_MS);

  afterAll(async () => {
    await sample?.stop('SIGKILL');
  });

  it(
    'the sample sends published values to the page',
    async () => {
      const abort = new AbortController();
      const boards = sample.boards(abort.signal);
      const first = (await boards.next()).value as Board;
      expect(first.rows.map(({ onePageCheckout }) => onePageCheckout)).toEqual([
        false,
        false,
        true,
      ]);

      await sample.press('publish', { key: 'checkout.one-page', value: true });

      for await (const { rows, health } of boards) {
        if (health.generation === first.health.generation) continue;
        expect(rows.map(({ onePageCheckout }) => onePageCheckout)).toEqual([true, true, true]);
        break;
      }
      abort.abort();
      expect(sample.output()).toMatch(/Generation \d+: checkout\.one-page/);
    },
    TEST_TIMEOUT_MS,
  );

  it('the sample returns an error for a change that cannot be published', async () => {
    await expect(sample.press('publish', { key: 'no.such', value: 1 })).rejects.toThrow('no.such');
  });

  it(
    'the sample falls back when the server stops, keeps its values and recovers with later changes',
    async () => {
      await sample.press('stop');
      await becomes({ connectionState: 'falling_back', fallbackPollerActive: true, ready: true });
      expect(await headlines()).toEqual(['Fresh this week', 'Welcome back', 'Fresh this week']);

      await sample.press('publish', { key: 'home.headline', value: 'While you were away' });
      await sample.press('start');

      await becomes({ connectionState: 'connected', fallbackPollerActive: false });
      expect(await headlines()).toContain('While you were away');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'the sample reports the terminal failure of a revoked SDK key until reconnect()',
    async () => {
      await sample.press('revoke');
      await becomes({ connectionState: 'disconnected', terminalFailure: true }, 503);
      expect(await headlines()).toContain('Fresh this week');

      await sample.press('allow');
      await sample.press('reconnect');

      await becomes({ connectionState: 'connected', terminalFailure: false });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'the server can be controlled from a terminal',
    async () => {
      const answer = await fetch(`${sample.controlUrl}/revoke`, { method: 'POST' });
      expect(answer.status).toBe(200);

      await becomes({ terminalFailure: true }, 503);
    },
    TEST_TIMEOUT_MS,
  );

  it.skipIf(withoutBrowser)(
    'the buttons of the page control the sample',
    async () => {
      const browser = await launchChromium(chromiumPath);
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(TIMEOUT.timeout);
        const state = (text: string): Promise<void> =>
          page.locator('#state').getByText(text, { exact: true }).waitFor();
        await page.goto(sample.url);
        await state('connected');

        const markup = '<img src=x onerror=alert(1)>';
        await page.getByLabel('Headline').fill(markup);
        await page.getByText('Publish headline').click();
        await page.locator('tr[data-user="Visitor"]').getByText(markup).waitFor();
        expect(await page.locator('img').count()).toBe(0);

        await page.getByText('Stop the server').click();
        await state('falling_back');
        await page.getByText('Start the server').click();
        await page.getByText('Reconnect now').click();
        await state('connected');

        expect(await page.locator('#freshness').innerText()).toMatch(/current \d+ s ago/);

        await page.getByText('Revoke the key').click();
        await page.getByText('key refused', { exact: true }).waitFor();
        expect(await page.locator('#health').innerText()).toContain('"terminalFailure": true');
      } finally {
        await browser.close();
      }
    },
    TEST_TIMEOUT_MS,
  );
});

describe('stopping sample/02-delivery', () => {
  it(
    'a SIGTERM to npm alone ends every process of the sample',
    async () => {
      const sample = await startDeliverySample();

      sample.child.killLeader('SIGTERM');
      await sample.child.ended;

      await vi.waitFor(() => expect(sample.child.groupIsAlive).toBe(false), TIMEOUT);
      await expect(fetch(sample.url)).rejects.toThrow();
      await expect(fetch(sample.controlUrl)).rejects.toThrow();
    },
    START_TIMEOUT_MS + 20_000,
  );

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(
      `the sample exits at ${signal} while a page is open`,
      async () => {
        const sample = await startDeliverySample();
        const boards = sample.boards(new AbortController().signal);
        await boards.next();

        await sample.stop(signal);

        await expect(readAll(boards)).rejects.toThrow();
        await expect(fetch(sample.url)).rejects.toThrow();
        await expect(fetch(sample.controlUrl)).rejects.toThrow();
      },
      START_TIMEOUT_MS + 20_000,
    );
  }
});

/** Reads the boards that were already sent, to the end of the stream. */
async function readAll(boards: AsyncGenerator<Board>): Promise<void> {
  let ended: boolean | undefined = false;
  while (!ended) ended = (await boards.next()).done;
}
