import { describe, expect, it } from 'vitest';
import { Reporting } from './support/reporting.js';

class Document {
  readonly #fields: object;
  password = 'secret';
  constructor(fields: object) {
    this.#fields = fields;
  }
  toJSON(): object {
    return this.#fields;
  }
}

interface Event {
  contextShapes?: { shapes: unknown[] };
  exampleContexts?: { examples: { contextSet: { contexts: unknown[] } }[] };
}

/** The shapes and example contexts of the first report, by reads with these contexts. */
async function reported(
  read: (t: Reporting) => void,
  options: Parameters<typeof Reporting.start>[1] = {},
) {
  const t = await Reporting.start([200], options);
  read(t);
  await t.tick(1);
  const { events } = JSON.parse(t.stub.requests[0]!.body) as { events: Event[] };
  return {
    shapes: events.find((event) => event.contextShapes)?.contextShapes?.shapes,
    contexts: events.find((event) => event.exampleContexts)?.exampleContexts?.examples[0]
      ?.contextSet.contexts,
  };
}

const SHAPES = [{ name: 'user', fieldTypes: { key: 2, age: 1 } }];
const CONTEXTS = [{ type: 'user', values: { key: 'u-1', age: 38 } }];

describe('telemetry of contexts that are class instances', () => {
  const user = () => new Document({ key: 'u-1', age: 38 });

  it('a report has the properties that toJSON() returns and no others', async () => {
    const report = await reported(({ service }) => {
      service.get('flag-0', { user: user() });
    });
    expect(report).toEqual({ shapes: SHAPES, contexts: CONTEXTS });
  });

  it('a report has the same properties for several contexts, bound ones and redacted ones', async () => {
    const several = await reported(({ service }) => {
      service.get('flag-0', { user: user(), empty: {} });
    });
    const bound = await reported(({ service }) => {
      service.withContext({ user: user() }).get('flag-0');
    });
    const received: unknown[] = [];
    const redacted = await reported(({ service }) => void service.get('flag-0', { user: user() }), {
      redactContext: (_, properties) => (received.push({ ...properties }), properties),
    });
    expect(several.shapes).toEqual(SHAPES);
    expect(bound).toEqual({ shapes: SHAPES, contexts: CONTEXTS });
    expect(redacted).toEqual({ shapes: SHAPES, contexts: CONTEXTS });
    expect(received).toEqual([{ key: 'u-1', age: 38 }]);
  });

  it('the properties that toJSON() returns are bounded like any others', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`p${at}`, at]));
    const { contexts } = await reported(({ service }) => {
      service.get('flag-0', {
        user: new Document({ key: 'u-1', long: 'x'.repeat(100_000), ...many }),
      });
    });
    expect(JSON.stringify(contexts).length).toBeLessThan(16_384);
  });

  it('a toJSON() that throws does not lose the report', async () => {
    const throwing = Object.assign(new Document({}), {
      key: 'u-1',
      toJSON: () => {
        throw new Error('boom');
      },
    });
    const { contexts } = await reported(({ service }) => {
      service.get('flag-0', { user: throwing });
    });
    expect(contexts).toMatchObject([{ type: 'user', values: { key: 'u-1' } }]);
  });
});
