import { describe, expect, it } from 'vitest';
import type { Config, StoredConfig } from '../../lib/model/index.js';
import { PackedConfig, unpackConfig } from '../../lib/model/index.js';
import { parseEnvelope } from '../../lib/model/envelope-json.js';

/** A string that takes several portions to scan and parse. */
const LARGE = JSON.stringify({
  meta: { version: '7', environment: 'production', generation: 7 },
  configs: Array.from({ length: 2_000 }, (_, index) => ({
    key: `flag.${index}`,
    note: 'a "quoted" \\ text, with ] and } in it, é and €, 𝄞 and \n',
    list: [[index], { configs: [index] }, []],
  })),
});

const DOCUMENTS: Record<string, string> = {
  'an envelope': '{"configs":[{"key":"a"},{"key":"b"}],"meta":{"version":"1"}}',
  'no configs': '{"configs":[],"meta":{}}',
  'whitespace everywhere': ' \n{\t"configs" :\r[ {"key" : "a" } , 1 ] , "meta" : { } }\n ',
  'nested members of the same name':
    '{"meta":{"configs":[1,{"configs":[2]}]},"configs":[{"configs":[3,[4]]},[5,[6]]],"more":[{"configs":[7]}]}',
  'a duplicate member': '{"configs":[1,2],"configs":[3]}',
  'a duplicate member whose last value is not a list':
    '{"configs":[1,2],"configs":{"configs":[3]}}',
  'a duplicate member whose last value is a list': '{"configs":"[1]","configs":[3]}',
  'an escaped name': '{"configs":[1],"\\u0063onfi\\u0067s":[2,3]}',
  'names that only resemble configs':
    '{"config":[1],"configs ":[2],"xconfigs":[3],"\\"configs":[4]}',
  'the name as a value': '{"a":"configs","b":["configs"],"c":[{"a":"configs"}]}',
  'a member called __proto__': '{"__proto__":{"a":1},"configs":[{"__proto__":{"b":2}}]}',
  'escapes at the end of strings': '{"a\\\\":"\\\\","configs":["\\\\","\\"",{"\\\\\\"":"]"}]}',
  'a list': '[{"configs":[1]},"configs",[2]]',
  'a string': '"configs"',
  'a number': ' -1.5e3 ',
  null: 'null',
  'long whitespace in lists': `{"configs":[${' '.repeat(50_000)}]}`,
  'long whitespace between elements': `{"configs":[1${' '.repeat(50_000)},${' '.repeat(50_000)}2]}`,
  'a long element': `{"configs":[{"key":"${'x'.repeat(200_000)}"},2]}`,
  'many small elements': `{"configs":[${'0,'.repeat(60_000)}1]}`,
  'a large envelope': LARGE,
};

const MISTAKES: Record<string, string> = {
  'an empty document': '',
  'only whitespace': '  ',
  'a missing end': '{"configs":[{"key":"a"}',
  'an extra bracket at the end': '{"configs":[]}]',
  'two documents': '{"configs":[]}{"configs":[]}',
  'a missing element at the start': '{"configs":[,1]}',
  'a missing element in the middle': '{"configs":[1,,2]}',
  'a missing element at the end': '{"configs":[1,]}',
  'a missing element after many': `{"configs":[${'10,'.repeat(30_000)}]}`,
  'a missing element after a long one': `{"configs":["${'x'.repeat(50_000)}",]}`,
  'a missing element before long whitespace': `{"configs":[${' '.repeat(50_000)},1]}`,
  'a missing comma': '{"configs":[1 2]}',
  'a list closed as an object': '{"configs":[1}}',
  'an element closed as a list': '{"configs":[{"a":1]]}',
  'an object closed as a list': '{"configs":[1]]',
  'a name without quotes': '{configs:[1]}',
  'a missing colon': '{"configs"[1]}',
  'two colons': '{"configs"::[1]}',
  'something before the list': '{"configs":1[2]}',
  'something after the list': '{"configs":[1]2}',
  'a member in a list': '["configs":[1]]',
  'a line break in a name': '{"con\nfigs":[1]}',
  'an unknown escape': '{"configs":["\\x"]}',
  'a comment': '{"configs":[1/* one */]}',
  'a NaN': '{"configs":[NaN]}',
  'a byte order mark inside': '{"configs":[\uFEFF1]}',
};

describe('parseEnvelope on valid JSON', () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    it(`parseEnvelope returns what JSON.parse returns for ${name}`, async () => {
      for (const source of sourcesOf(text)) {
        expect(await parseEnvelope(source)).toEqual(JSON.parse(text));
      }
    });
  }

  it('parseEnvelope returns what JSON.parse returns for random documents', async () => {
    const random = seeded(20_231);
    for (let round = 0; round < 500; round++) {
      const text = randomDocument(random);
      expect(await parseEnvelope([Buffer.from(text)]), text).toEqual(JSON.parse(text));
      expect(await parseEnvelope(pieces(text, 1 + Math.floor(random() * 7))), text).toEqual(
        JSON.parse(text),
      );
    }
  });

  it('parseEnvelope keeps the order of the members', async () => {
    const text = '{"b":1,"configs":[{"z":1,"a":2}],"a":2,"0":3}';
    expect(JSON.stringify(await parseEnvelope([Buffer.from(text)]))).toBe(
      JSON.stringify(JSON.parse(text)),
    );
  });

  it('parseEnvelope ignores a byte order mark', async () => {
    const bytes = Buffer.from('\uFEFF{"configs":[1]}');
    expect(await parseEnvelope([bytes])).toEqual({ configs: [1] });
  });

  it('parseEnvelope parses chunks that arrive one at a time', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces(LARGE, 999)) {
        await Promise.resolve();
        yield piece;
      }
    }
    expect(await parseEnvelope(chunks())).toEqual(JSON.parse(LARGE));
  });
});

describe('parseEnvelope on malformed input', () => {
  for (const [name, text] of Object.entries(MISTAKES)) {
    it(`parseEnvelope throws a SyntaxError for ${name}, like JSON.parse`, async () => {
      expect(() => void JSON.parse(text)).toThrow(SyntaxError);
      for (const source of sourcesOf(text)) {
        await expect(parseEnvelope(source)).rejects.toThrow(SyntaxError);
      }
    });
  }

  it('parseEnvelope agrees with JSON.parse wherever a character is missing, wrong or extra', async () => {
    const whole = '{"m":{"a":[1,"x\\n"]},"configs":[{"k":"]"},[2.5,null],"\\"{"],"configs":[true]}';
    for (let at = 0; at < whole.length; at++) {
      const [before, after] = [whole.slice(0, at), whole.slice(at + 1)];
      const damaged = [before, before + after];
      for (const char of '{}[],:"\\ 1n') {
        damaged.push(before + char + after, before + char + whole[at] + after);
      }
      for (const text of damaged) {
        const [ours, theirs] = [
          await outcome(() => parseEnvelope([Buffer.from(text)])),
          await outcome(() => JSON.parse(text)),
        ];
        expect(ours, text).toEqual(theirs);
        expect(await outcome(() => parseEnvelope(pieces(text, 1))), text).toEqual(theirs);
      }
    }
  });

  it('parseEnvelope throws a SyntaxError for bytes that are not UTF-8 or end within a character', async () => {
    const good = Buffer.from('{"configs":["€"]}');
    const bad = Buffer.from(good);
    bad[13] = 0xff;
    await expect(parseEnvelope([bad])).rejects.toThrow('not UTF-8');
    await expect(parseEnvelope([good.subarray(0, 14)])).rejects.toThrow(SyntaxError);
    await expect(parseEnvelope([Buffer.from('"€"').subarray(0, 2)])).rejects.toThrow('not UTF-8');
  });

  it('parseEnvelope never quotes malformed content in its error', async () => {
    for (const text of ['{"configs":[secret]}', '{"secret":[secret]}']) {
      await expect(parseEnvelope([Buffer.from(text)])).rejects.toThrow(/^not JSON$/);
    }
  });

  it('parseEnvelope passes on an error from the source', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"configs":[');
      await Promise.reject(new Error('broken off'));
    }
    await expect(parseEnvelope(chunks())).rejects.toThrow('broken off');
  });
});

describe('parseEnvelope on configs', () => {
  it('parseEnvelope packs valid configs without changing their content', async () => {
    const configs = [flag('a', 'x'), flag('b', '€ "]}"')];
    for (const source of sourcesOf(` { "configs" : [ ${configs.join(' ,\n ')} ] } `)) {
      const parsed = await configsOf(source);
      expect(parsed.every((config) => config instanceof PackedConfig)).toBe(true);
      expect(parsed.map(unpackConfig)).toEqual(configs.map((text) => JSON.parse(text)));
    }
  });

  it('parseEnvelope leaves invalid elements unpacked among valid configs', async () => {
    const text = `{"configs":[1,${flag('a')},{"key":"b"},${flag('c')},null]}`;
    const parsed = await configsOf([Buffer.from(text)]);
    expect(parsed.map(unpackConfig)).toEqual((JSON.parse(text) as { configs: unknown[] }).configs);
  });

  it('parseEnvelope reuses current configs with the same bytes, whatever else changed', async () => {
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((key) => flag(key)) as [
      string,
      ...string[],
    ];
    const current = await configsOf([Buffer.from(envelope([a, b!, c!, d!, e!]))]);
    const cases: [what: string, texts: string[], kept: string[]][] = [
      ['the same', [a, b!, c!, d!, e!], ['a', 'b', 'c', 'd', 'e']],
      ['one changed', [a, flag('b', 'new'), c!, d!, e!], ['a', 'c', 'd', 'e']],
      ['two changed', [a, flag('b', 'new'), flag('c', 'new'), d!, e!], ['a', 'd', 'e']],
      ['one added', [a, b!, flag('x'), c!, d!, e!], ['a', 'b', 'c', 'd', 'e']],
      ['two added', [flag('x'), flag('y'), a, b!, c!, d!, e!], ['a', 'b', 'c', 'd', 'e']],
      ['one removed', [a, c!, d!, e!], ['a', 'c', 'd', 'e']],
      ['another element in between', [a, '7', b!, c!, d!, e!], ['a', 'b', 'c', 'd', 'e']],
      ['whitespace around', [` ${a}\n`, `\t${b} `, c!, d!, e!], ['a', 'b', 'c', 'd', 'e']],
    ];
    for (const [what, texts, kept] of cases) {
      for (const length of [1, 7, 100, 100_000]) {
        const parsed = await configsOf(pieces(envelope(texts), length), current);
        expect(parsed.map(unpackConfig), what).toEqual(texts.map((text) => JSON.parse(text)));
        const same = parsed.filter((config) => current.includes(config)).map(({ key }) => key);
        expect(same, `${what}, in pieces of ${length}`).toEqual(kept);
      }
    }
  });

  it('parseEnvelope does not reuse a current config for an element that merely starts the same way', async () => {
    const current = await configsOf([Buffer.from(envelope([flag('a'), flag('b')]))]);
    const [a, b] = [flag('a'), flag('b')];
    const mistakes = [
      `${a}1,${b}`,
      `1${a},${b}`,
      `${a}${a},${b}`,
      `${a} ${b}`,
      `,${a},${b}`,
      `${a},${b},`,
      `${a},,${b}`,
      `"${a},${b}`,
      `${a},${b}}`,
      `${a}"",${b}`,
      `${a}],${b}`,
    ];
    for (const text of mistakes) {
      for (const length of [1, 10, 100_000]) {
        await expect(
          parseEnvelope(pieces(`{"configs":[${text}]}`, length), current),
          text,
        ).rejects.toThrow(SyntaxError);
      }
    }
    const nested = `{"configs":[[${a}],{"in":${a}},${b}]}`;
    expect((await configsOf([Buffer.from(nested)], current)).map(unpackConfig)).toEqual(
      (JSON.parse(nested) as { configs: unknown[] }).configs,
    );
  });

  it('parseEnvelope returns the last of two members named configs', async () => {
    const current = await configsOf([Buffer.from(envelope([flag('a')]))]);
    const text = `{"configs":[${flag('a')}],"configs":[${flag('b')},${flag('a')}]}`;
    const parsed = await configsOf([Buffer.from(text)], current);
    expect(parsed.map(({ key }) => key)).toEqual(['b', 'a']);
  });

  it('parseEnvelope returns the same configs, whichever configs are current', async () => {
    const random = seeded(77);
    const some = (): string[] =>
      Array.from({ length: Math.floor(random() * 8) }, () =>
        flag('abcdef'[Math.floor(random() * 6)]!, String(Math.floor(random() * 2))),
      );
    for (let round = 0; round < 500; round++) {
      const current = await configsOf([Buffer.from(envelope(some()))]);
      const texts = some();
      const parsed = await configsOf(
        pieces(envelope(texts), 1 + Math.floor(random() * 200)),
        current,
      );
      expect(parsed.map(unpackConfig)).toEqual(texts.map((text) => JSON.parse(text)));
    }
  });
});

it('reused configs do not keep the memory of replaced ones alive', async () => {
  const small = Array.from({ length: 400 }, (_, index) => flag(`small-${index}`));
  let current: StoredConfig[] = [];
  const update = async (round: number): Promise<void> => {
    // Twenty changed configs in a row, and a large one that differs every time.
    const changed = small.map((text, index) =>
      index < 20 ? flag(`small-${index}`, `${round}`) : text,
    );
    changed.splice(7, 0, flag('large', `${round}`.padEnd(1_000_000)));
    current = await configsOf([Buffer.from(envelope(changed))], current);
  };
  const memoryOf = (config: StoredConfig) => (config as PackedConfig).bytes.buffer.byteLength;
  await update(0);
  expect(Math.max(...current.filter(({ key }) => key !== 'large').map(memoryOf))).toBeLessThan(
    40_000,
  );
  await update(1);
  for (const config of current.slice(0, 21)) {
    expect(memoryOf(config)).toBe((config as PackedConfig).byteLength);
  }
});

it('the event loop keeps running while a large envelope is parsed', async () => {
  const configs = LARGE.slice(LARGE.indexOf('[') + 1, LARGE.lastIndexOf(']'));
  const text = `{"configs":[${Array.from({ length: 20 }, () => configs).join(',')}]}`;
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  const parsed = (await parseEnvelope([Buffer.from(text)])) as { configs: unknown[] };
  clearInterval(ticking);
  expect(parsed.configs).toHaveLength(40_000);
  expect(turns).toBeGreaterThan(3);
});

/** The string as a single chunk and in small pieces. */
function sourcesOf(text: string): Uint8Array[][] {
  return [[Buffer.from(text)], pieces(text, text.length > 1_000 ? 4_093 : 1)];
}

function pieces(text: string, length: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += length) {
    parts.push(bytes.subarray(from, from + length));
  }
  return parts;
}

/** A config as JSON. */
function flag(key: string, value = ''): string {
  const rules = [{ criteria: [], value: { type: 'string', value } }];
  return JSON.stringify({ key, type: 'config', valueType: 'string', default: { rules } });
}

function envelope(configs: readonly string[]): string {
  return `{"configs":[${configs.join()}],"meta":{"version":"1"}}`;
}

async function configsOf(
  source: Iterable<Uint8Array>,
  current?: readonly StoredConfig[],
): Promise<(Config | PackedConfig)[]> {
  return ((await parseEnvelope(source, current)) as { configs: StoredConfig[] }).configs;
}

async function outcome(parse: () => unknown): Promise<unknown> {
  try {
    return { value: await parse() };
  } catch (error) {
    return (error as Error).name;
  }
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random object that often uses the name `configs`, which is parsed specially. */
function randomDocument(random: () => number): string {
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!;
  const blank = (): string => pick('', '', ' ', '\n\t', '\r\n  ');
  const name = (): string =>
    pick('"configs"', '"meta"', '"\\u0063onfigs"', '"a\\"b"', '"é€"', '""');
  const some = (make: () => string): string =>
    Array.from({ length: Math.floor(random() * 5) }, () => blank() + make() + blank()).join(',');
  const value = (depth: number): string => {
    if (depth > 3 || random() < 0.4) {
      return pick('1', '-2.5e-3', 'null', 'true', '"[{"', '"\\\\"', '"\\",]"', '"configs"', '"𝄞"');
    }
    if (random() < 0.5) return `[${some(() => value(depth + 1)) || blank()}]`;
    return `{${some(() => `${name()}${blank()}:${blank()}${value(depth + 1)}`) || blank()}}`;
  };
  return `${blank()}{${some(() => `${name()}${blank()}:${blank()}${value(0)}`)}}${blank()}`;
}
