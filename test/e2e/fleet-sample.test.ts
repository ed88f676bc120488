import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasRedis } from '../support/redis.js';
import { RunningSample } from './running-sample.js';

interface Shown {
  name: string;
  up: boolean;
  stopped: boolean;
  state?: string;
  generation?: number;
  price?: number;
  pid?: number;
}

const TIMEOUT = { timeout: 30_000, interval: 100 };

describe.runIf(hasRedis)(
  'sample/09-fleet, started with npm run demo:fleet',
  { timeout: 60_000 },
  () => {
    let sample: RunningSample;

    const shown = async (): Promise<Shown[]> =>
      (await (await fetch(`${sample.url}/fleet`)).json()) as Shown[];

    const act = async (path: string): Promise<void> => {
      const { status } = await fetch(`${sample.url}/${path}`, { method: 'POST' });
      expect(status).toBe(204);
    };

    const eventually = (check: (processes: Shown[]) => void): Promise<void> =>
      vi.waitFor(async () => check(await shown()), TIMEOUT);

    const named = (processes: readonly Shown[], name: string): Shown =>
      processes.find((each) => each.name === name)!;

    const workersIn = (processes: readonly Shown[]): Shown[] =>
      processes.filter(({ name }) => name.includes('worker'));

    /** Waits until every worker has this price. */
    const pricesAre = (price: number): Promise<void> =>
      eventually((processes) => {
        const prices = workersIn(processes).map((worker) => worker.price);
        expect(prices, JSON.stringify(processes)).toEqual([price, price]);
      });

    beforeAll(async () => {
      sample = await RunningSample.start('demo:fleet', { RESTART_MS: '1000' });
      await pricesAre(10);
    }, 150_000);

    afterAll(() => sample.stop('SIGINT'));

    it('the page and its script are served', async () => {
      const page = await (await fetch(sample.url)).text();
      expect(page).toContain('<script type="module" src="page.js">');
      expect((await fetch(`${sample.url}/page.js`)).status).toBe(200);
    });

    it('a commit reaches every worker, through relays and the primary', async () => {
      await act('publish/11');
      await pricesAre(11);
      // The second relay may hear of it after the workers.
      await eventually((processes) => {
        for (const { state } of workersIn(processes)) expect(state).toMatch(/via primary/);
        expect(named(processes, 'relay 1').state).toBe('connected, 1 streams');
        expect(new Set(processes.slice(1).map(({ generation }) => generation))).toEqual(
          new Set([2_000]),
        );
      });
    });

    it('a killed worker is replaced, and its replacement has the configs at once', async () => {
      const [{ name }] = workersIn(await shown()) as [Shown];
      await act(`kill/${encodeURIComponent(name)}`);
      await eventually((processes) =>
        expect(workersIn(processes).map((worker) => worker.name)).not.toContain(name),
      );
      await pricesAre(11);
    });

    it('while the first relay is down, changes arrive from the second', async () => {
      await act('stop/relay%201');
      await eventually((processes) => expect(named(processes, 'relay 1').up).toBe(false));
      await act('publish/12');
      await pricesAre(12);
      await act('start/relay%201');
      await eventually((processes) =>
        expect(named(processes, 'relay 1').state).toBe('connected, 1 streams'),
      );
    });

    it('without Redis, changes still arrive', async () => {
      await act('kill/redis');
      await act('publish/13');
      await pricesAre(13);
    });

    it('if everything is down, the shop starts from saved configs', async () => {
      for (const name of ['service', 'relay%201', 'relay%202']) await act(`stop/${name}`);
      await eventually((processes) => expect(named(processes, 'relay 2').up).toBe(false));
      const { pid } = named(await shown(), 'shop');
      await act('kill/shop');
      await eventually((processes) => {
        const shop = named(processes, 'shop');
        expect(shop.pid).not.toBe(pid);
        expect(shop.state).toMatch(/from persistence/);
        // Configs are saved at most every ten seconds, so the latest may be missing after a kill.
        const prices = workersIn(processes).map(({ price }) => price);
        expect([10, 11, 12, 13].map((price) => [price, price])).toContainEqual(prices);
      });
      for (const name of ['service', 'relay%201', 'relay%202']) await act(`start/${name}`);
      await act('publish/14');
      await pricesAre(14);
    });

    it('an unknown process and an invalid price are refused', async () => {
      const status = async (path: string): Promise<number> =>
        (await fetch(`${sample.url}/${path}`, { method: 'POST' })).status;
      expect(await status('kill/nobody')).toBe(404);
      expect(await status('explode/shop')).toBe(404);
      expect(await status('publish/free')).toBe(400);
    });
  },
);
