import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InvalidEnvelopeError, WorkspaceError } from '../../../lib/errors/index.js';
import { type Config, type Envelope } from '../../../lib/model/index.js';
import { DatafileLoader } from '../../../lib/sources/datafile/datafile-loader.js';
import {
  configUncopyable,
  correctDatafile,
  datafileOption,
  metaUncopyable,
} from '../../../lib/sources/datafile/datafile-loader.messages.js';
import {
  fileMissing,
  fileNotJson,
  fileNotRegular,
} from '../../../lib/sources/json-file.messages.js';
import { relativeTo } from '../../../lib/sources/given-path.messages.js';
import { temporaryDirectory } from '../../support/workspace.js';
import { unpackedEnvelope } from '../../support/unpacked-envelope.js';

const directory = temporaryDirectory();
afterAll(() => rmSync(directory, { recursive: true }));

function config(key: string, value: unknown = true): Config {
  return {
    key,
    type: 'config',
    valueType: 'json',
    default: { rules: [{ value: { type: 'json', value } }] },
  };
}

function envelope(...configs: Config[]): Envelope {
  return { configs, meta: { version: 'v1', environment: 'production', generation: 7 } };
}

async function failureOf(datafile: unknown): Promise<unknown> {
  return new DatafileLoader(datafile as Envelope).load().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a datafile path', () => {
  const path = join(directory, 'envelope.json');

  it('every load reads the datafile again', async () => {
    const loader = new DatafileLoader(path);
    writeFileSync(path, JSON.stringify(envelope(config('a'))));
    expect(await loader.load()).toEqual(envelope(config('a')));

    writeFileSync(path, `\uFEFF${JSON.stringify(envelope(config('b')))}`);
    expect(await loader.load()).toEqual(envelope(config('b')));
  });

  it('a missing datafile is rejected with its path', async () => {
    const missing = join(directory, 'nowhere.json');

    const failure = await failureOf(missing);

    expect(failure).toBeInstanceOf(WorkspaceError);
    expect((failure as Error).message).toBe(`${missing}: ${fileMissing()}`);
  });

  it('a missing relative datafile is rejected with its absolute path and the working directory', async () => {
    expect(((await failureOf('nowhere.json')) as Error).message).toBe(
      `${join(process.cwd(), 'nowhere.json')}: ${fileMissing()}${relativeTo('nowhere.json', process.cwd())}`,
    );
  });

  it('a datafile that is a directory is rejected with its path', async () => {
    const failure = await failureOf(directory);

    expect(failure).toBeInstanceOf(WorkspaceError);
    expect((failure as Error).message).toBe(`${directory}: ${fileNotRegular('a directory')}`);
  });

  it('a datafile that is a named pipe is rejected with its path', async () => {
    const pipe = join(directory, 'pipe.json');
    execFileSync('mkfifo', [pipe]);

    const failure = await failureOf(pipe);

    expect((failure as Error).message).toBe(`${pipe}: ${fileNotRegular('a named pipe')}`);
  });

  it('a malformed datafile is rejected with its path, line and column', async () => {
    writeFileSync(path, '{"configs": [],\n "meta": s3cret}');

    const failure = await failureOf(path);

    expect(failure).toBeInstanceOf(WorkspaceError);
    expect((failure as Error).message).toBe(`${path}:2:10: ${fileNotJson()}`);
  });

  it.each([
    ['[]', 'it is not an object'],
    ['{"configs": []}', '"meta" is not an object'],
    ['{"configs": [], "meta": {}}', '"meta.version" is not a string'],
    ['{"configs": {}, "meta": {"version": "1"}}', '"configs" is not a list'],
  ])('a datafile with the content %s is rejected', async (text, problem) => {
    writeFileSync(path, text);

    const failure = await failureOf(path);

    expect(failure).toBeInstanceOf(InvalidEnvelopeError);
    expect((failure as Error).message).toContain(path);
    expect((failure as Error).message).toContain(correctDatafile(problem));
  });
});

describe('a datafile object', () => {
  it('the datafile object is copied: the load does not modify it, and later changes have no effect', async () => {
    const source = envelope(config('a', { deep: [1, { deeper: 'x' }] }));
    const before = structuredClone(source);

    const loaded = await new DatafileLoader(source).load();

    expect(source).toEqual(before);
    (source.configs[0]!.default!.rules![0]!.value.value as { deep: unknown[] }).deep.push(2);
    source.configs.push(config('b'));
    source.meta.version = 'v2';
    expect(unpackedEnvelope(loaded)).toEqual(before);
  });

  it('the datafile object is released after the first load, so a second load returns nothing', async () => {
    const loader = new DatafileLoader(envelope(config('a')));
    await loader.load();
    await expect(loader.load()).resolves.toBeUndefined();
  });

  it('the datafile object may be frozen and have own properties with any name', async () => {
    const value: unknown = Object.freeze(JSON.parse('{"__proto__": {"admin": true}}'));

    const loaded = await new DatafileLoader(envelope(Object.freeze(config('a', value)))).load();

    const copy = unpackedEnvelope(loaded).configs[0]!.default!.rules![0]!.value.value as Record<
      string,
      unknown
    >;
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect('admin' in copy).toBe(false);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const nested: unknown[] = [];
  let inner = nested;
  for (let i = 0; i < 100_000; i++) inner.push((inner = []));

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a big integer', 1n],
    ['a cycle', cycle],
    ['endless nesting', nested],
    [
      'a getter that throws',
      {
        get secret(): string {
          throw new Error('s3cret');
        },
      },
    ],
  ])(
    'a datafile object is rejected with the name of the config that contains %s',
    async (_name, value) => {
      const failure = await failureOf(envelope(config('a'), config('b', { value })));

      expect(failure).toBeInstanceOf(InvalidEnvelopeError);
      expect((failure as Error).message).toContain(datafileOption());
      expect((failure as Error).message).toContain(configUncopyable(1, 'b'));
      expect((failure as Error).message).not.toContain('s3cret');
    },
  );

  it.each([
    ['a function', () => 1],
    ['undefined', undefined],
    [
      'an object whose key throws',
      {
        get key(): string {
          throw new Error('s3cret');
        },
      },
    ],
  ])(
    'a datafile object is rejected with the index of an entry that is %s',
    async (_name, entry) => {
      const failure = await failureOf(envelope(entry as unknown as Config));

      expect(failure).toBeInstanceOf(InvalidEnvelopeError);
      expect((failure as Error).message).toContain(configUncopyable(0, undefined));
    },
  );

  it('invalid entries in a datafile object are left for the store to handle', async () => {
    const odd = [null, 'text', { nothing: true }] as unknown as Config[];

    expect((await new DatafileLoader(envelope(...odd)).load())?.configs).toEqual(odd);
  });

  it.each([
    [null, 'it is not an object'],
    [{ meta: { version: '1' } }, '"configs" is not a list'],
    [{ configs: [], meta: { version: '' } }, '"meta.version" is not a string'],
  ])('the datafile object %j is rejected', async (candidate, problem) => {
    const failure = await failureOf(candidate);

    expect(failure).toBeInstanceOf(InvalidEnvelopeError);
    expect((failure as Error).message).toContain(correctDatafile(problem));
  });

  it('a datafile object whose getter throws is rejected', async () => {
    const failure = await failureOf({
      configs: [],
      get meta() {
        throw new Error('s3cret');
      },
    });

    expect(failure).toBeInstanceOf(InvalidEnvelopeError);
    expect((failure as Error).message).toContain(metaUncopyable());
  });

  it('copying thousands of configs does not block the event loop', async () => {
    const source = envelope();
    for (let i = 0; i < 20_000; i++) source.configs.push(config(`key-${i}`, { list: [i, i, i] }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);

    const loaded = await new DatafileLoader(source).load();
    clearInterval(timer);

    expect(loaded?.configs).toHaveLength(20_000);
    expect(turns).toBeGreaterThan(2);
  });
});
