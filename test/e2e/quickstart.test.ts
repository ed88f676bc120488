import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  START_TIMEOUT_MS,
  WorkspaceCopy,
  startDemo,
  streamBoards,
  valuesOf,
  type Demo,
} from './quickstart-support.js';
import { findChromium, launchChromium } from '../support/chromium.js';

const CHECKOUT = 'feature-flags/checkout.one-page.json';
const SEARCH = 'feature-flags/search.semantic.json';
const HEADLINE = 'feature-flags/home.headline.json';
const LIMITS = 'configs/cart.limits.json';
const HOLD = 'configs/cart.hold.json';
const LOG_LEVEL = 'log-levels/log-level.quickstart.json';
const TOKEN = 'configs/payments.token.json';
const MINUTE = 60_000;
const TIMEOUT = { timeout: 15_000 };

const chromiumPath = findChromium();
const withoutBrowser = chromiumPath === undefined && process.env.CI === undefined;
if (withoutBrowser) {
  console.warn(
    'Chromium is missing, so the page of the demo is not tested. Install it or set CHROMIUM_PATH.',
  );
}

describe('npm run demo', () => {
  let workspace: WorkspaceCopy;
  let demo: Demo;

  beforeAll(async () => {
    workspace = await WorkspaceCopy.create();
    demo = await startDemo({ QUONFIG_DIR: workspace.path, QUONFIG_ENVIRONMENT: 'development' });
  }, START_TIMEOUT_MS + 10_000);

  afterAll(async () => {
    await demo?.stop('SIGKILL');
    await workspace?.remove();
  });

  afterEach(async () => {
    for (const file of [CHECKOUT, HEADLINE, HOLD, LOG_LEVEL]) await workspace.restore(file);
    await vi.waitFor(async () => {
      expect(await demo.values(CHECKOUT)).toEqual([false, true, false, true]);
      expect(await demo.values(HEADLINE)).toContain('Welcome back');
      expect(await demo.values(HOLD)).toContain(30 * MINUTE);
      expect(await demo.values(LOG_LEVEL)).toContain('info');
    }, TIMEOUT);
  });

  it('the demo prints the file to edit', () => {
    expect(demo.output()).toContain(`${workspace.path}/${CHECKOUT}`);
  });

  it('the demo evaluates every kind of config for each user', async () => {
    expect(await demo.values(CHECKOUT)).toEqual([false, true, false, true]);
    expect(await demo.values(SEARCH)).toEqual([false, true, true, false]);
    expect(await demo.values(HEADLINE)).toEqual([
      'Fresh this week',
      'Fresh this week',
      'Welcome back',
      'Welcome back',
    ]);
    expect(await demo.values(LIMITS)).toEqual([
      { items: 20, vouchers: 1 },
      { items: 20, vouchers: 1 },
      { items: 200, vouchers: 5 },
      { items: 20, vouchers: 1 },
    ]);
    expect(await demo.values(HOLD)).toEqual([30, 30, 120, 30].map((minutes) => minutes * MINUTE));
    expect(await demo.values(LOG_LEVEL)).toEqual(['info', 'info', 'info', 'debug']);
  });

  it('the demo says for each value which rule matched', async () => {
    const { rows } = await demo.board();
    const targetings = (wanted: string) =>
      rows.find(({ file }) => file === wanted)!.cells.map(({ targeting }) => targeting);
    expect(targetings(CHECKOUT)).toEqual([
      'everyone else',
      'user.country',
      'everyone else',
      'segment staff',
    ]);
    expect(targetings(SEARCH)).not.toContain('everyone else');
  });

  it('the demo decrypts the secret without showing it', async () => {
    expect(new Set(await demo.values(TOKEN))).toEqual(new Set(['decrypted: yes (••••)']));

    const values = await (await fetch(`${demo.url}/values`)).text();
    const page = await (await fetch(demo.url)).text();
    for (const text of [values, page, demo.output()]) expect(text).not.toContain('demo-payment');
  });

  it('the demo sends new values when a file is edited', async () => {
    const abort = new AbortController();
    const boards = streamBoards(demo.url, abort.signal);
    const first = await boards.next();
    expect(valuesOf(first.value, CHECKOUT)).toEqual([false, true, false, true]);

    await workspace.edit(CHECKOUT, '["NO", "SE"]', '["NO", "SE", "DE"]');

    const second = await boards.next();
    expect(valuesOf(second.value, CHECKOUT)).toEqual([false, true, true, true]);
    expect(valuesOf(second.value, SEARCH)).toEqual(valuesOf(first.value, SEARCH));
    abort.abort();
  });

  it('the demo notifies the handlers of changed keys', async () => {
    await workspace.edit(HOLD, 'PT30M', 'PT45M');

    await vi.waitFor(() => {
      expect(demo.output()).toContain('Updated: cart.hold');
      expect(demo.output()).toContain('Carts now hold items for 45 min');
    }, TIMEOUT);
  });

  it('the demo logs more once the log level is lowered', async () => {
    await demo.values(CHECKOUT);
    expect(demo.output()).not.toContain('Evaluating the board');

    await workspace.edit(LOG_LEVEL, '"info"', '"debug"');

    await vi.waitFor(async () => {
      await demo.values(CHECKOUT);
      expect(demo.output()).toContain('Evaluating the board');
    }, TIMEOUT);
  });

  it('the demo keeps its values when a file is malformed and logs the file', async () => {
    await workspace.edit(CHECKOUT, '"rules": [', '"rules": ');

    await vi.waitFor(() => {
      const warnings = demo
        .output()
        .split('\n')
        .filter((line) => line.includes('WARN'));
      expect(warnings.join('\n')).toContain('checkout.one-page.json');
    }, TIMEOUT);
    expect(await demo.values(CHECKOUT)).toEqual([false, true, false, true]);
    expect((await demo.board()).brokenFile).toContain('checkout.one-page.json');
  });

  describe.skipIf(withoutBrowser)('the page in Chromium', () => {
    let browser: Browser;
    let page: Page;
    const cell = (file: string, user: string): string =>
      `tr[data-file="${file}"] td[data-user="${user}"]`;
    const shown = (file: string, user: string): Promise<string> =>
      page.locator(`${cell(file, user)} .value`).innerText();

    beforeAll(async () => {
      browser = await launchChromium(chromiumPath);
      page = await browser.newPage();
    });

    afterAll(async () => {
      await browser?.close();
    });

    it('the page shows the values of all users side by side', async () => {
      await page.goto(demo.url);
      await page.getByText('live', { exact: true }).waitFor();

      expect(await page.locator('thead th').count()).toBe(5);
      expect(await shown(CHECKOUT, 'Visitor')).toBe('off');
      expect(await shown(CHECKOUT, 'Staff member')).toBe('on');
      expect(await shown(HOLD, 'Pro customer')).toBe('2 h');
      expect(await shown(TOKEN, 'Visitor')).toBe('decrypted: yes (••••)');
    });

    it('the page updates without a reload when a file is edited and highlights the change', async () => {
      await page.goto(demo.url);
      await page.locator(`${cell(CHECKOUT, 'Pro customer')} .value.off`).waitFor();
      await page.evaluate(() => Object.assign(globalThis, { documentBeforeTheEdit: true }));

      await workspace.edit(CHECKOUT, '["NO", "SE"]', '["NO", "SE", "DE"]');

      await page.locator(`${cell(CHECKOUT, 'Pro customer')}.fresh .value.on`).waitFor();
      expect(await page.locator('td.fresh').count()).toBe(1);
      expect(await page.locator('#changes').innerText()).toContain('Pro customer: off → on');
      expect(await page.evaluate(() => 'documentBeforeTheEdit' in globalThis)).toBe(true);
    });

    it('the reason of a value leads to the inspector, which explains it for that user', async () => {
      await page.goto(demo.url);
      await page.locator(`${cell(CHECKOUT, 'Staff member')} a.reason`).click();
      await page.getByRole('heading', { name: 'checkout.one-page' }).waitFor();
      await page.getByText('the context has "support@example.com"').waitFor();
      const contexts = await page.getByLabel('Contexts to evaluate for').inputValue();
      expect(JSON.parse(contexts)).toMatchObject({ user: { key: 'user-4' } });
    });

    it('the page names a broken file until it is repaired', async () => {
      await page.goto(demo.url);
      await page.locator(`${cell(CHECKOUT, 'Visitor')} .value`).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);

      await workspace.edit(CHECKOUT, '"rules": [', '"rules": ');
      await page.getByRole('alert').getByText('checkout.one-page.json').waitFor();
      expect(await shown(CHECKOUT, 'Visitor')).toBe('off');

      await workspace.restore(CHECKOUT);
      await page.getByRole('alert').waitFor({ state: 'hidden' });
    });

    it('the page shows values as text and never as HTML', async () => {
      await page.goto(demo.url);
      await page.locator(`${cell(HEADLINE, 'Visitor')} .value`).waitFor();
      const markup = '<img src=x onerror=alert(1)>';

      await workspace.edit(HEADLINE, '"rules": [', `"rules": [${alwaysText(markup)},`);

      await page.locator(`${cell(HEADLINE, 'Visitor')}.fresh`).waitFor();
      expect(await shown(HEADLINE, 'Visitor')).toBe(markup);
      expect(await page.locator('img').count()).toBe(0);
    });

    it('the page fits a narrow screen', async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(demo.url);
      await page.locator(`${cell(CHECKOUT, 'Visitor')} .value`).waitFor();

      const widest = await page.evaluate('document.documentElement.scrollWidth');
      expect(widest).toBeLessThanOrEqual(360);
    });
  });
});

describe('stopping npm run demo, and other environments', () => {
  let workspace: WorkspaceCopy;
  let demo: Demo | undefined;

  beforeAll(async () => {
    workspace = await WorkspaceCopy.create();
  });

  afterEach(async () => {
    await demo?.stop('SIGKILL');
    demo = undefined;
  });

  afterAll(async () => {
    await workspace?.remove();
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(
      `the demo exits at ${signal} while an event stream is open`,
      async () => {
        demo = await startDemo({ QUONFIG_DIR: workspace.path });
        const boards = streamBoards(demo.url, new AbortController().signal);
        await boards.next();

        await demo.stop(signal);

        await expect(boards.next()).rejects.toThrow();
        await expect(fetch(demo.url)).rejects.toThrow();
      },
      START_TIMEOUT_MS + 20_000,
    );
  }

  it(
    'a SIGTERM to npm alone ends every process of the demo',
    async () => {
      demo = await startDemo({ QUONFIG_DIR: workspace.path });

      demo.child.killLeader('SIGTERM');
      await demo.child.ended;

      await vi.waitFor(() => expect(demo!.child.groupIsAlive).toBe(false), TIMEOUT);
      await expect(fetch(demo.url)).rejects.toThrow();
    },
    START_TIMEOUT_MS + 20_000,
  );

  it.skipIf(withoutBrowser)(
    'the page shows "disconnected" once the demo has stopped',
    async () => {
      const browser = await launchChromium(chromiumPath);
      try {
        demo = await startDemo({ QUONFIG_DIR: workspace.path });
        const page = await browser.newPage();
        await page.goto(demo.url);
        await page.getByText('live', { exact: true }).waitFor();

        await demo.stop('SIGTERM');

        await page.getByText('disconnected', { exact: true }).waitFor();
        expect(await page.locator('table.stale').count()).toBe(1);
      } finally {
        await browser.close();
      }
    },
    START_TIMEOUT_MS + 20_000,
  );

  it(
    'the demo shows the values of production and reports a wrong decryption key',
    async () => {
      demo = await startDemo({
        QUONFIG_DIR: workspace.path,
        QUONFIG_ENVIRONMENT: 'production',
        QUICKSTART_ENCRYPTION_KEY: 'ff'.repeat(32),
      });

      expect(await demo.values(CHECKOUT)).toEqual([false, false, false, true]);
      expect(await demo.values(SEARCH)).toEqual([false, false, true, false]);
      expect(await demo.values(LOG_LEVEL)).toEqual(['warn', 'warn', 'warn', 'warn']);
      expect(new Set(await demo.values(TOKEN))).toEqual(new Set(['decrypted: no']));
    },
    START_TIMEOUT_MS + 20_000,
  );
});

function alwaysText(text: string): string {
  return JSON.stringify({
    criteria: [{ operator: 'ALWAYS_TRUE' }],
    value: { type: 'string', value: text },
  });
}
