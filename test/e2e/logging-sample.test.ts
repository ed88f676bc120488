import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Page, root } from '../docs/page.js';
import { START_TIMEOUT_MS, WorkspaceCopy } from './quickstart-support.js';
import { printedBy, statedBy } from './readme-commands.js';
import { RunningSample } from './running-sample.js';

const page = new Page('sample/05-dynamic-logging/README.md');
const LEVELS = 'log-levels/log-level.shop.json';
const TIMEOUT = { timeout: 15_000 };

/** The lines that the README states: at first, with one logger at debug, and with one user at debug. */
const [atFirst = [], oneLogger = [], oneUser = []] = page.blocks
  .filter(({ language }) => language === 'text')
  .map(({ code }) => code.split('\n'));

describe('sample/05-dynamic-logging', () => {
  let workspace: WorkspaceCopy;
  let sample: RunningSample;

  const lines = (): string[] =>
    [...sample.output.matchAll(/(?:LOG|DEBUG) \[(?:Cart|Pricing)Service\] .+/g)].map(
      ([line]) => line,
    );

  const add = async (user: string, path: string): Promise<void> => {
    const headers = { 'x-user': user };
    const response = await fetch(`${sample.url}/cart/${path}`, { method: 'POST', headers });
    if (!response.ok) throw new Error(await response.text());
  };

  /** Sends both requests of the README until they log these lines. */
  const logs = (expected: string[]): Promise<void> =>
    vi.waitFor(async () => {
      const before = lines().length;
      await add('anna', 'apple/2');
      await add('ben', 'pear/3');
      const arrived = { timeout: 500 };
      await vi.waitFor(() => expect(lines().slice(before)).toEqual(expected), arrived);
    }, TIMEOUT);

  beforeAll(async () => {
    workspace = await WorkspaceCopy.create(join(root, 'sample', '05-dynamic-logging', 'workspace'));
    sample = await RunningSample.start('demo:logging', { QUONFIG_DIR: workspace.path });
  }, START_TIMEOUT_MS + 10_000);

  afterEach(async () => {
    await workspace.restore(LEVELS);
    await logs(atFirst);
  });

  afterAll(async () => {
    await sample?.stop('SIGKILL');
    await workspace?.remove();
  });

  it('the commands in the README print the output that it shows, and their lines are logged', async () => {
    expect(statedBy(page)).toHaveLength(2);
    const before = lines().length;
    expect(await printedBy(page, { 'http://127.0.0.1:3006': sample.url })).toEqual(statedBy(page));
    await vi.waitFor(() => expect(lines().slice(before)).toEqual(atFirst), TIMEOUT);
  });

  it('no line that is logged during startup is lost', () => {
    expect(sample.output).toMatch(/\[NestFactory\] Starting Nest application/);
    expect(sample.output).toMatch(/\[RouterExplorer\] Mapped \{\/cart/);
  });

  it('an edited config turns on the debug lines of one logger, and off again, without a restart', async () => {
    await workspace.edit(LEVELS, 'no-logger', 'PricingService');
    await logs(oneLogger);
    await workspace.restore(LEVELS);
    await logs(atFirst);
  });

  it('an edited config turns on the debug lines of one user, also among concurrent requests', async () => {
    await workspace.edit(LEVELS, 'no-user', 'ben');
    await logs(oneUser);
    const before = lines().length;
    const users = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? 'ben' : 'anna'));
    await Promise.all(users.map((user) => add(user, user === 'ben' ? 'pear/3' : 'apple/2')));
    await vi.waitFor(() => {
      const added = lines().slice(before);
      expect(added.filter((line) => line.startsWith('LOG'))).toHaveLength(30);
      expect(added.filter((line) => line.startsWith('DEBUG'))).toHaveLength(2 * 10);
      expect(added.filter((line) => /DEBUG.*apple/.test(line))).toEqual([]);
    }, TIMEOUT);
  });

  it('an edited config closes the loggers of Nest and the SDK, too', async () => {
    await workspace.edit(LEVELS, '"value": "info"', '"value": "error"');
    await vi.waitFor(async () => {
      const before = lines().length;
      await add('anna', 'apple/2');
      expect(lines().slice(before)).toEqual([]);
    }, TIMEOUT);
  });
});
