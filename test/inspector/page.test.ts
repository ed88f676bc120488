import { Injectable } from '@nestjs/common';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import { type Config, OnQuonfigUpdate } from '../../lib/index.js';
import {
  config,
  constant,
  EnvelopeFile,
  flagWhen,
  inSegment,
  no,
  rule,
  segment,
  split,
  value,
  when,
  yes,
} from '../support/configs.js';
import { findChromium, launchChromium } from '../support/chromium.js';
import { ADAPTERS, inspected, type InspectedApplication } from './support/application.js';

const chromiumPath = findChromium();
const withoutBrowser = chromiumPath === undefined && process.env.CI === undefined;

interface AxeResult {
  violations: { id: string; nodes: { failureSummary: string }[] }[];
}

@Injectable()
class Subscriber {
  @OnQuonfigUpdate('flag')
  onFlag(): void {
    throw new Error('no luck');
  }
}

const MARKUP = '<img src=x onerror=alert(1)>';
const PRO = { user: { key: 'user-123', plan: 'pro', email: 'ada@example.com' } };

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const rollout = split(
  [
    { weight: 25_000, value: yes },
    { weight: 75_000, value: no },
  ],
  'user.key',
);
const flag = config(
  'checkout.new',
  'bool',
  [rule(yes, inSegment('staff')), rule(rollout, pro), rule(no)],
  'feature_flag',
);
const listed = {
  ...config('both.lists', 'bool', [rule(yes)]),
  environment: { id: 'production', rules: [rule(yes, pro), rule(no, inSegment('staff'))] },
};
const configs: Config[] = [
  flag,
  listed,
  segment('staff', when('PROP_ENDS_WITH_ONE_OF', 'user.email', ['@quonfig.example'])),
  constant('payments.token', 'string', 'a-secret-value'),
  constant('half a character \ud800', 'bool', true),
  constant(MARKUP, 'string', `"><script>alert(1)</script>${MARKUP}`),
  config('hidden', 'string', [rule(value('string', 'a-secret', { confidential: true }))]),
  ...Array.from({ length: 3_000 }, (_, index) =>
    constant(`zone.${String(index).padStart(4, '0')}`, 'int', index),
  ),
];

describe.skipIf(withoutBrowser).each(ADAPTERS)('the page in Chromium on %s', (adapter) => {
  let browser: Browser;
  let page: Page;
  let application: InspectedApplication;
  /** What the browser complains about: errors, and violations of the policy. */
  let complaints: string[];

  const open = async (hash = ''): Promise<void> => {
    await page.goto(`${application.origin}/quonfig${hash}`);
    await page.getByRole('heading', { name: 'Quonfig inspector' }).waitFor();
  };
  const row = (key: string) =>
    page.locator('.scroller a', { has: page.getByText(key, { exact: true }) });
  const detail = () => page.getByRole('article', { name: 'Selected key' });

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath);
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    application = await inspected(configs, {
      adapter,
      inspector: { recentContexts: true, overrides: { secret: 'x'.repeat(32) } },
    });
    complaints = [];
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  it('typing finds keys, and opening a key shows its explanation', async () => {
    await open();
    await page.getByText('3,007 keys').waitFor();
    await page.getByLabel('Search').fill('CHECK');
    await page.getByText('1 key', { exact: true }).waitFor();
    await row('checkout.new').click();
    await detail().getByText('Default rule 3 matches.').waitFor();

    await page.getByLabel('Contexts to evaluate for').fill(JSON.stringify(PRO));
    await detail().getByText('Default rule 2 matches, variant').waitFor();
    const text = await detail().innerText();
    expect(text).toContain('If user.plan is "pro", then true for 25% and false for 75%');
    expect(text).toContain('The segment staff');
    expect(text).toContain('user.email ends with "@quonfig.example"');
    expect(await detail().getByRole('img').getAttribute('aria-label')).toMatch(
      /^Shares: true 25%, false 75%\. This context is at \d+\.\d\d% of the bar\.$/,
    );
  });

  it('the explanation names the rule that decides, and says that only default rules apply', async () => {
    await open('#/keys/checkout.new');
    await detail().getByText('Default rule 3 matches. Otherwise false.').waitFor();
    await detail().getByText('The config has no rules for "Production"').waitFor();
    const staff = { user: { email: 'ada@quonfig.example' } };
    await page.getByLabel('Contexts to evaluate for').fill(JSON.stringify(staff));
    await detail()
      .getByText('Default rule 1 matches. If the context is in the segment staff, then true.')
      .waitFor();
  });

  it('the list can be narrowed to one type, and a link keeps the filter', async () => {
    await open();
    await page.getByText('3,007 keys').waitFor();
    await page.getByLabel('Type').selectOption('Segments');
    await page.getByText('1 key', { exact: true }).waitFor();
    await row('staff').waitFor();
    await page.reload();
    await row('staff').waitFor();
    expect(await page.getByLabel('Type').inputValue()).toBe('segment');
  });

  it('a key names the properties that change its value, and whether the contexts have them', async () => {
    await open(`#/keys/checkout.new?contexts=${encodeURIComponent('{"user":{"plan":"pro"}}')}`);
    await detail().getByRole('heading', { name: 'Which contexts change the value' }).waitFor();
    expect(await detail().locator('.properties li').allInnerTexts()).toEqual([
      expect.stringMatching(/^user\.email\s+missing\s+read by staff$/),
      expect.stringMatching(/^user\.key\s+missing$/),
      expect.stringMatching(/^user\.plan\s+given$/),
    ]);
  });

  it('health lists handlers with their errors, and patterns with the engine that runs them', async () => {
    const pattern = (text: string) => flagWhen('flag', when('PROP_MATCHES', 'user.email', text));
    const { origin, update } = await inspected([pattern('^a+$')], {
      adapter,
      metadata: { providers: [Subscriber] },
    });
    await page.goto(`${origin}/quonfig#/health`);
    await page.getByText('linear').waitFor();
    await update([pattern('(')]);
    await page.getByText('Subscriber.onFlag').waitFor();
    await page.getByText(/^[12] errors?$/).waitFor();
    const patterns = page.getByRole('listitem').filter({ hasText: 'none' });
    expect(await patterns.innerText()).toMatch(/^flag \( none ./);
  });

  it('environment and default rules are each numbered from 1, as on the command line', async () => {
    await open(`#/keys/both.lists`);
    await detail().getByText('Default rule 1 matches.').waitFor();
    const numbers = (list: string) =>
      detail().getByRole('region', { name: list }).locator('.rules').first().locator('> li');
    expect(await numbers('Environment rules').count()).toBe(2);
    expect(await numbers('Default rules').count()).toBe(1);
    await page.getByLabel('Contexts to evaluate for').fill(JSON.stringify(PRO));
    await detail().getByText('Environment rule 1 matches. If user.plan is "pro"').waitFor();
  });

  it('the header says in words that a file cannot be read, and leads to the health view', async () => {
    const file = new EnvelopeFile([constant('flag', 'bool', true)]);
    const { origin, quonfig } = await inspected([], { adapter, quonfig: { datafile: file.path } });
    await page.goto(`${origin}/quonfig#/keys/flag`);
    const status = page.locator('header').getByRole('status');
    await status.getByText('connected').waitFor();
    file.write('{');
    await quonfig.refresh().catch(() => undefined);
    await status.getByRole('link', { name: 'a file cannot be read' }).click();
    expect(await status.innerText()).not.toContain('connected');
    await page.locator('.notes').getByText(file.path).waitFor();
    file.set([constant('flag', 'bool', true)]);
    await quonfig.refresh();
    await status.getByText('connected').waitFor();
    expect(await status.getByRole('link').count()).toBe(0);
  });

  it('an open key shows without a reload which file cannot be read', async () => {
    const file = new EnvelopeFile([constant('flag', 'bool', true)]);
    const { origin, quonfig } = await inspected([], { adapter, quonfig: { datafile: file.path } });
    await page.goto(`${origin}/quonfig#/keys/flag`);
    await detail().getByText('Default rule 1 matches.').waitFor();
    expect(await detail().getByText('cannot be read').count()).toBe(0);
    file.write('{');
    await quonfig.refresh().catch(() => undefined);
    const note = detail().getByText('A file of the workspace cannot be read');
    await note.waitFor();
    expect(await note.innerText()).toContain(file.path);
  });

  it('unfinished contexts in the editor leave the last valid ones in effect', async () => {
    await open('#/keys/checkout.new');
    const editor = page.getByLabel('Contexts to evaluate for');
    await editor.fill(JSON.stringify(PRO));
    await detail().getByText('Default rule 2 matches').waitFor();
    await editor.fill('{"user": {');
    await page.getByText('This is not JSON yet.').waitFor();
    await detail().getByText('Default rule 2 matches').waitFor();
    await editor.fill('{"user": 1}');
    await page.getByText('The context "user" is not an object').waitFor();
  });

  it('a link opens the same key, search and contexts in another tab', async () => {
    await open();
    await page.getByLabel('Search').fill('checkout');
    await page.getByLabel('Contexts to evaluate for').fill(JSON.stringify(PRO));
    await row('checkout.new').click();
    await detail().getByText('Default rule 2 matches').waitFor();
    const link = page.url();

    const other = await browser.newPage();
    await other.goto(link);
    await other.getByText('Default rule 2 matches').waitFor();
    expect(await other.getByLabel('Search').inputValue()).toBe('checkout');
    expect(await other.getByLabel('Contexts to evaluate for').inputValue()).toBe(
      JSON.stringify(PRO),
    );
    await other.close();
  });

  it('contexts never become part of a URL that the server sees', async () => {
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await open(`#/keys/checkout.new?contexts=${encodeURIComponent(JSON.stringify(PRO))}`);
    await detail().getByText('Default rule 2 matches').waitFor();
    expect(urls.filter((url) => url.includes('user-123') && !url.includes('#'))).toEqual([]);
  });

  it('of thousands of keys, only those in view are rendered, and scrolling reaches all of them', async () => {
    await open();
    await page.getByText('3,007 keys').waitFor();
    expect(await page.locator('.scroller li').count()).toBeLessThan(60);
    await page.locator('.scroller').evaluate((list) => (list.scrollTop = list.scrollHeight));
    await row('zone.2999').waitFor();
    expect(await page.locator('.scroller li').count()).toBeLessThan(60);
    const last = page.locator('.scroller li').last();
    expect(await last.getAttribute('aria-posinset')).toBe('3007');
  });

  it('the page can be used with the keyboard alone', async () => {
    await open();
    await page.getByText('3,007 keys').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('zone.000');
    await page.getByText('10 keys').waitFor();
    await row('zone.0000').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'zone.0001' }).waitFor();
  });

  it('an update appears by itself, in the values and in the history', async () => {
    await open('#/keys/checkout.new');
    await detail().getByText('Default rule 3 matches.').waitFor();
    await application.update([flagWhen('checkout.new'), ...configs.slice(1)]);
    await detail().getByText('Default rule 1 matches.').waitFor();

    await page.getByRole('link', { name: 'History' }).click();
    await page.locator('summary').first().click();
    const difference = page.getByLabel('Difference of checkout.new');
    await difference.waitFor();
    expect(await difference.locator('del').allInnerTexts()).toContainEqual(
      expect.stringContaining('the segment staff'),
    );
    expect(await difference.locator('ins').first().innerText()).toContain('Always true');
  });

  it('health shows the state and what needs attention', async () => {
    application.quonfig.getBool('checkout.nwe', undefined, false);
    await open('#/health');
    await page.getByText('Nothing needs attention.').waitFor();
    await page.getByText('Did you mean').waitFor();
    await page.getByRole('link', { name: 'checkout.new' }).click();
    await detail().getByText('Default rule 3 matches.').waitFor();
  });

  it('contexts of recent reads can be chosen', async () => {
    application.quonfig.isEnabled('checkout.new', PRO);
    await open('#/contexts');
    await page.getByRole('link', { name: 'user-123' }).click();
    await row('checkout.new').click();
    await detail().getByText('Default rule 2 matches').waitFor();
  });

  it('names and values are shown as text and never as HTML', async () => {
    await open(`#/keys/${encodeURIComponent(MARKUP)}`);
    await page.getByRole('heading', { name: MARKUP }).waitFor();
    await detail().getByText('<script>alert(1)</script>').first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('a key with a lone surrogate in its name is listed with the others', async () => {
    await open('#/keys?search=half');
    await page.locator('.scroller').getByText('half a character').waitFor();
  });

  it('a tester can override a flag in this browser and end the override', async () => {
    await open('#/keys/checkout.new');
    await detail().getByLabel('Value, for requests of this browser').selectOption('true');
    await detail().getByRole('button', { name: 'Override' }).click();
    await page.getByText('This browser overrides checkout.new').waitFor();
    const overridden = async () =>
      (await page.request.get(`${application.origin}/elsewhere`)).headers()['x-quonfig-overridden'];
    expect(await overridden()).toBe('checkout.new');
    await page.getByRole('button', { name: 'End all' }).click();
    await page.getByText('This browser overrides').waitFor({ state: 'detached' });
    expect(await overridden()).toBeUndefined();
  });

  it('a hidden value is not in the page', async () => {
    await open('#/keys/hidden');
    await detail().getByText('hidden: confidential').waitFor();
    expect(await page.content()).not.toContain('a-secret"');
  });

  it('a phone shows the list, then the key, without scrolling sideways', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open();
    await page.getByText('3,007 keys').waitFor();
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBeLessThanOrEqual(360);
    await row('checkout.new').click();
    await detail().getByText('Default rule 3 matches.').waitFor();
    expect(await page.locator('.list').isVisible()).toBe(false);
    expect(await width()).toBeLessThanOrEqual(360);
    await page.getByRole('link', { name: 'Back to the keys' }).click();
    await row('checkout.new').waitFor();
    for (const tab of ['health', 'history', 'contexts']) {
      await open(`#/${tab}`);
      await page.locator('h2').waitFor();
      expect(await width(), tab).toBeLessThanOrEqual(360);
    }
  });

  it.each(['light', 'dark'] as const)(
    'axe finds no violation in %s colors',
    async (colorScheme) => {
      const contexts = encodeURIComponent(JSON.stringify(PRO));
      await application.update([flagWhen('checkout.new', pro), ...configs.slice(1)]);
      await application.update(configs);
      const context = await browser.newContext({ colorScheme, bypassCSP: true });
      const checked = await context.newPage();
      const stale = new EnvelopeFile([constant('flag', 'bool', true)]);
      const outdated = await inspected([], { adapter, quonfig: { datafile: stale.path } });
      // A browser keeps connections open, which the application would wait for.
      onTestFinished(() => context.close());
      stale.write('{');
      await outdated.quonfig.refresh().catch(() => undefined);
      await context.request.post(`${application.origin}/quonfig/api/overrides`, {
        headers: {
          origin: application.origin,
          'x-quonfig-override-values': Buffer.from('{"checkout.new":true}').toString('base64url'),
        },
      });
      for (const [hash, ready, { origin } = application] of [
        ['#/keys/flag', '.status.bad a', outdated],
        ['#/health', '.notes', outdated],
        ['#/keys/checkout.new', '.overridden'],
        ['#/keys', '.scroller a'],
        [`#/keys/checkout.new?contexts=${contexts}`, '.rules'],
        ['#/keys?contexts={', '.problem'],
        ['#/health', 'dl'],
        ['#/history', 'summary'],
        ['#/contexts', 'h2'],
      ] as const) {
        await checked.goto(`${origin}/quonfig${hash}`);
        await checked.locator(ready).first().waitFor();
        if (hash === '#/history') {
          await checked.locator('summary').first().click();
          await checked.locator('pre').first().waitFor();
        }
        await checked.addScriptTag({ content: axe.source });
        const found = await checked.evaluate<AxeResult>('axe.run()');
        expect(
          found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.failureSummary)]),
          hash,
        ).toEqual([]);
      }
    },
  );
});
