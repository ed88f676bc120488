import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  START_LIMIT_MS,
  startDeliverySample,
  type Board,
  type DeliverySample,
} from './delivery-sample-support.js';
import { findChromium, launchChromium } from './quickstart-support.js';

/** Above the longest wait between two attempts of the stream. */
const LIMIT = { timeout: 45_000, interval: 100 };
const TEST_LIMIT_MS = 120_000;

const chromiumPath = findChromium();
const withoutBrowser = chromiumPath === undefined && process.env.CI === undefined;

describe('sample/02-delivery', () => {
  let sample: DeliverySample;

  const becomes = (expected: object, status = 200): Promise<void> =>
    vi.waitFor(async () => {
      const health = await sample.health();
      expect(health.body).toMatchObject(expected);
      expect(health.status).toBe(status);
    }, LIMIT);

  const headlines = async (): Promise<string[]> => {
    const board = (await (await fetch(`${sample.url}/values`)).json()) as Board;
    return board.rows.map(({ headline }) => headline);
  };

  /** Everything back as it was at the start, whatever a test did. */
  const restore = async (): Promise<void> => {
    await sample.press('start');
    await sample.press('allow');
    await sample.press('publish');
    await sample.press('reconnect');
    await becomes({ connectionState: 'connected', terminalFailure: false });
    await vi.waitFor(async () => {
      expect(await headlines()).toEqual(['Fresh this week', 'Welcome back', 'Fresh this week']);
    }, LIMIT);
  };

  beforeAll(async () => {
    sample = await startDeliverySample();
    await becomes({ connectionState: 'connected' });
  }, START_LIMIT_MS + 60_000);

  afterEach(restore, TEST_LIMIT_MS);

  afterAll(async () => {
    await sample?.stop('SIGKILL');
  });

  it(
    'sends the page what is published',
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
    TEST_LIMIT_MS,
  );

  it('says why a change cannot be published', async () => {
    await expect(sample.press('publish', { key: 'no.such', value: 1 })).rejects.toThrow('no.such');
  });

  it(
    'falls back when the server stops, keeps its values, and recovers with what was published meanwhile',
    async () => {
      await sample.press('stop');
      await becomes({ connectionState: 'falling_back', fallbackPollerActive: true, ready: true });
      expect(await headlines()).toEqual(['Fresh this week', 'Welcome back', 'Fresh this week']);

      await sample.press('publish', { key: 'home.headline', value: 'While you were away' });
      await sample.press('start');

      await becomes({ connectionState: 'connected', fallbackPollerActive: false });
      expect(await headlines()).toContain('While you were away');
    },
    TEST_LIMIT_MS,
  );

  it(
    'shows the terminal failure of a revoked key until it is told to reconnect',
    async () => {
      await sample.press('revoke');
      await becomes({ connectionState: 'disconnected', terminalFailure: true }, 503);
      expect(await headlines()).toContain('Fresh this week');

      await sample.press('allow');
      await sample.press('reconnect');

      await becomes({ connectionState: 'connected', terminalFailure: false });
    },
    TEST_LIMIT_MS,
  );

  it(
    'lets a terminal control the server',
    async () => {
      const answer = await fetch(`${sample.controlUrl}/revoke`, { method: 'POST' });
      expect(answer.status).toBe(200);

      await becomes({ terminalFailure: true }, 503);
    },
    TEST_LIMIT_MS,
  );

  it.skipIf(withoutBrowser)(
    'does all that by the buttons of its page',
    async () => {
      const browser = await launchChromium(chromiumPath);
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(LIMIT.timeout);
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

        await page.getByText('Revoke the key').click();
        await page.getByText('key refused', { exact: true }).waitFor();
        expect(await page.locator('#health').innerText()).toContain('"terminalFailure": true');
      } finally {
        await browser.close();
      }
    },
    TEST_LIMIT_MS,
  );
});

describe('sample/02-delivery, stopped', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(
      `ends at ${signal} while a page is open`,
      async () => {
        const sample = await startDeliverySample();
        const boards = sample.boards(new AbortController().signal);
        await boards.next();

        await sample.stop(signal);

        await expect(readAll(boards)).rejects.toThrow();
        await expect(fetch(sample.url)).rejects.toThrow();
        await expect(fetch(sample.controlUrl)).rejects.toThrow();
      },
      START_LIMIT_MS + 20_000,
    );
  }
});

/** Reads what has been sent already, to the end of the stream. */
async function readAll(boards: AsyncGenerator<Board>): Promise<void> {
  let ended: boolean | undefined = false;
  while (!ended) ended = (await boards.next()).done;
}
