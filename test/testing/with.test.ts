import { afterEach, describe, expect, it } from 'vitest';
import { type QuonfigService, TestValueError } from '../../lib/index.js';
import { createTestQuonfig } from '../../lib/testing/index.js';

const warnings: string[] = [];
const logger = { warn: (message: string) => void warnings.push(message), error: () => undefined };
const quonfig = createTestQuonfig({ limit: 20, 'checkout.new': false }, { logger });
const outside = outsideCode(quonfig);

afterEach(() => {
  quonfig.reset();
  warnings.length = 0;
});

/** Lets the other calls proceed. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Code that began before every call, like a server that handles requests: it reads what it is asked to. */
function outsideCode(service: QuonfigService): { read(key: string): Promise<unknown> } {
  type Job = { key: string; done: (value: unknown) => void; failed: (error: unknown) => void };
  let wake: ((job: Job) => void) | undefined;
  const next = (): Promise<Job> => new Promise((resolve) => (wake = resolve));
  void (async () => {
    for (;;) {
      const { key, done, failed } = await next();
      try {
        done(service.get(key));
      } catch (error) {
        failed(error);
      }
    }
  })();
  return {
    read: (key) => new Promise((done, failed) => wake!({ key, done, failed })),
  };
}

describe('with', () => {
  it('with() sets values for the function and what it starts, and restores them afterwards', async () => {
    const result = await quonfig.with({ limit: 100, fresh: 'new' }, async () => {
      await turn();
      const later = new Promise((resolve) => {
        setImmediate(() => resolve(quonfig.getNumber('limit')));
      });
      return [quonfig.getNumber('limit'), quonfig.getString('fresh'), await later];
    });
    expect(result).toEqual([100, 'new', 100]);
    expect(quonfig.getNumber('limit')).toBe(20);
    expect(quonfig.keys()).not.toContain('fresh');
  });

  it('with() runs a synchronous function and returns its result', () => {
    expect(quonfig.with({ limit: 100 }, () => quonfig.getNumber('limit'))).toBe(100);
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('with() restores the values if the function throws or rejects, and passes the error on', async () => {
    const failure = new Error('from the test');
    const fail = (): never => {
      throw failure;
    };
    expect(() => quonfig.with({ limit: 100 }, fail)).toThrow(failure);
    await expect(quonfig.with({ limit: 100 }, async () => fail())).rejects.toBe(failure);
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('with() restores the values if what the function returns throws when it is awaited', async () => {
    const failure = new Error('from a query builder');
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- like the requests of supertest and many query builders
      then: (): never => {
        throw failure;
      },
    };
    await expect(quonfig.with({ limit: 100 }, () => thenable)).rejects.toBe(failure);
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('concurrent calls of with() do not mix', async () => {
    const run = (limit: number): Promise<number[]> =>
      quonfig.with({ limit }, async () => {
        const seen = [quonfig.getNumber('limit')];
        await turn();
        seen.push(quonfig.getNumber('limit'), quonfig.live('limit').value as number);
        await turn();
        return [...seen, quonfig.withContext({}).getNumber('limit')];
      });
    const all = await Promise.all([1, 2, 3].map(run));
    expect(all).toEqual([1, 2, 3].map((limit) => [limit, limit, limit, limit]));
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('two services do not mix', () => {
    const other = createTestQuonfig({ limit: 1 });
    quonfig.with({ limit: 100 }, () => {
      expect(other.getNumber('limit')).toBe(1);
      other.with({ limit: 2 }, () => {
        expect([quonfig.getNumber('limit'), other.getNumber('limit')]).toEqual([100, 2]);
      });
    });
  });

  it('an inner call takes precedence over an outer one, and ends first', async () => {
    await quonfig.with({ limit: 100, 'checkout.new': true }, async () => {
      await quonfig.with({ limit: 200 }, async () => {
        await turn();
        expect([quonfig.get('limit'), quonfig.get('checkout.new')]).toEqual([200, true]);
        expect(await outside.read('limit')).toBe(200);
      });
      expect(quonfig.get('limit')).toBe(100);
    });
  });

  it('set, setFor and reset inside with() last until it ends', () => {
    quonfig.with({ limit: 100 }, () => {
      quonfig.set('limit', 200);
      quonfig.setFor({ user: { key: 'anna' } }, 'limit', 300);
      expect(quonfig.getNumber('limit')).toBe(200);
      expect(quonfig.getNumber('limit', { user: { key: 'anna' } })).toBe(300);
      quonfig.reset();
      expect(quonfig.getNumber('limit', { user: { key: 'anna' } })).toBe(100);
    });
    expect(quonfig.getNumber('limit', { user: { key: 'anna' } })).toBe(20);
  });

  it('set outside of with() applies to keys that with() does not set', async () => {
    await quonfig.with({ limit: 100 }, async () => {
      await turn();
      quonfig.set('checkout.new', true);
    });
    expect(quonfig.get('checkout.new')).toBe(false);
    let release!: () => void;
    const running = quonfig.with({ limit: 100 }, async () => {
      await new Promise<void>((resolve) => (release = resolve));
      return [quonfig.get('limit'), quonfig.get('checkout.new')];
    });
    quonfig.set('checkout.new', true);
    quonfig.set('limit', 30);
    release();
    expect(await running).toEqual([100, true]);
    expect(quonfig.get('limit')).toBe(30);
  });

  it('with() refuses a value of another type before it runs the function', () => {
    let called = false;
    expect(() => quonfig.with({ limit: 'many' }, () => (called = true))).toThrow(/a number/);
    expect(called).toBe(false);
  });

  it('with() notifies subscribers when it begins and when it ends, and they read the values of that moment', async () => {
    const seen: unknown[] = [];
    const subscription = quonfig.updates$.subscribe(({ changed }) => {
      seen.push([changed, quonfig.getNumber('limit')]);
    });
    const observed: unknown[] = [];
    subscription.add(quonfig.observe('limit').subscribe((value) => observed.push(value)));
    await quonfig.with({ limit: 100 }, turn);
    subscription.unsubscribe();
    expect(seen).toEqual([
      [['limit'], 100],
      [['limit'], 20],
    ]);
    expect(observed).toEqual([20, 100, 20]);
  });

  it('code that still runs after with() ends reads the restored values', async () => {
    let late!: Promise<unknown>;
    await quonfig.with({ limit: 100 }, async () => {
      late = turn()
        .then(turn)
        .then(() => quonfig.get('limit'));
    });
    expect(await late).toBe(20);
  });
});

describe('code outside of every call of with', () => {
  it('code outside of every call of with() reads the values of the only active call', async () => {
    await quonfig.with({ limit: 100 }, async () => {
      expect(await outside.read('limit')).toBe(100);
    });
    expect(await outside.read('limit')).toBe(20);
  });

  it('code outside of every call of with reads what several active calls agree on, and what only one of them sets', async () => {
    await quonfig.with({ limit: 100 }, () =>
      Promise.resolve(
        quonfig.with({ 'checkout.new': true }, async () => {
          expect(await outside.read('checkout.new')).toBe(true);
          expect(await outside.read('limit')).toBe(100);
        }),
      ),
    );
    const both = [1, 2].map((key) =>
      quonfig.with({ limit: 100, [`only.${key}`]: key }, async () => {
        await turn();
        return [await outside.read('limit'), await outside.read(`only.${key}`)];
      }),
    );
    expect(await both[0]).toEqual([100, 1]);
    expect(await both[1]).toEqual([100, 2]);
  });

  it('code outside of every call of with() cannot read a key that active calls set differently: the read and those calls fail, with the remedy', async () => {
    const readIn = (limit: number): Promise<unknown> =>
      quonfig.with({ limit }, async () => {
        await turn();
        // The reader may handle the error, as a server does.
        return outside.read('limit').catch(() => 'a response with status 500');
      });
    const results = await Promise.allSettled([readIn(1), readIn(2), quonfig.with({}, turn)]);
    for (const result of results.slice(0, 2)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(TestValueError) });
      expect((result as PromiseRejectedResult).reason).toMatchObject({
        message: expect.stringMatching(
          /"limit".*several calls of with\(\).*Run these tests one after the other/,
        ),
      });
    }
    expect(results[2]?.status).toBe('fulfilled');
    expect(quonfig.getNumber('limit')).toBe(20);
  });

  it('a call of with() that fails for that reason has the error of its function as its cause', async () => {
    const failure = new Error('expected 200, got 500');
    const failing = (limit: number): Promise<void> =>
      quonfig.with({ limit }, async () => {
        await turn();
        await outside.read('limit').catch(() => undefined);
        throw failure;
      });
    const [first] = await Promise.allSettled([failing(1), failing(2)]);
    expect(first).toMatchObject({ reason: { code: 'test_value', cause: failure } });
  });
});
