import { describe, expect, it } from 'vitest';
import { parseEnvelope } from '../../lib/model/envelope-json.js';

/** A text that takes several portions to scan and to parse. */
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
  'white space everywhere': ' \n{\t"configs" :\r[ {"key" : "a" } , 1 ] , "meta" : { } }\n ',
  'nested members of the same name':
    '{"meta":{"configs":[1,{"configs":[2]}]},"configs":[{"configs":[3,[4]]},[5,[6]]],"more":[{"configs":[7]}]}',
  'the member twice': '{"configs":[1,2],"configs":[3]}',
  'the member as list, then as something else': '{"configs":[1,2],"configs":{"configs":[3]}}',
  'the member as something else, then as list': '{"configs":"[1]","configs":[3]}',
  'the name in escapes': '{"configs":[1],"\\u0063onfi\\u0067s":[2,3]}',
  'names that only look like it': '{"config":[1],"configs ":[2],"xconfigs":[3],"\\"configs":[4]}',
  'the name as value': '{"a":"configs","b":["configs"],"c":[{"a":"configs"}]}',
  'a member called __proto__': '{"__proto__":{"a":1},"configs":[{"__proto__":{"b":2}}]}',
  'escapes at the end of texts': '{"a\\\\":"\\\\","configs":["\\\\","\\"",{"\\\\\\"":"]"}]}',
  'a list': '[{"configs":[1]},"configs",[2]]',
  'a text': '"configs"',
  'a number': ' -1.5e3 ',
  null: 'null',
  'long blank space in lists': `{"configs":[${' '.repeat(50_000)}]}`,
  'long blank space between elements': `{"configs":[1${' '.repeat(50_000)},${' '.repeat(50_000)}2]}`,
  'a long element': `{"configs":[{"key":"${'x'.repeat(200_000)}"},2]}`,
  'many small elements': `{"configs":[${'0,'.repeat(60_000)}1]}`,
  'a large envelope': LARGE,
};

const MISTAKES: Record<string, string> = {
  'nothing at all': '',
  'blank space': '  ',
  'a missing end': '{"configs":[{"key":"a"}',
  'too much at the end': '{"configs":[]}]',
  'two documents': '{"configs":[]}{"configs":[]}',
  'an element missing at the start': '{"configs":[,1]}',
  'an element missing in the middle': '{"configs":[1,,2]}',
  'an element missing at the end': '{"configs":[1,]}',
  'an element missing after many': `{"configs":[${'10,'.repeat(30_000)}]}`,
  'an element missing after a long one': `{"configs":["${'x'.repeat(50_000)}",]}`,
  'an element missing before many': `{"configs":[${' '.repeat(50_000)},1]}`,
  'a comma missing': '{"configs":[1 2]}',
  'a list closed as an object': '{"configs":[1}}',
  'an element closed as a list': '{"configs":[{"a":1]]}',
  'an object closed as a list': '{"configs":[1]]',
  'a name without quotes': '{configs:[1]}',
  'a colon missing': '{"configs"[1]}',
  'two colons': '{"configs"::[1]}',
  'something before the list': '{"configs":1[2]}',
  'something after the list': '{"configs":[1]2}',
  'a member in a list': '["configs":[1]]',
  'a line break in a name': '{"con\nfigs":[1]}',
  'an unknown escape': '{"configs":["\\x"]}',
  'a comment': '{"configs":[1/* one */]}',
  'a NaN': '{"configs":[NaN]}',
  'a byte order mark within': '{"configs":[\uFEFF1]}',
};

describe('an envelope is read as JSON.parse would', () => {
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    it(`with ${name}`, async () => {
      for (const source of sourcesOf(text)) {
        expect(await parseEnvelope(source)).toEqual(JSON.parse(text));
      }
    });
  }

  it('whatever the document is', async () => {
    const random = seeded(20_231);
    for (let round = 0; round < 500; round++) {
      const text = randomDocument(random);
      expect(await parseEnvelope(text), text).toEqual(JSON.parse(text));
      expect(await parseEnvelope(pieces(text, 1 + Math.floor(random() * 7))), text).toEqual(
        JSON.parse(text),
      );
    }
  });

  it('from a list of chunks, too, which is read in one go when it is small', async () => {
    const parts = (text: string, length: number) => [...pieces(text, length)];
    for (const text of ['{"configs":[{"key":"€"},1],"meta":{}}', LARGE]) {
      expect(await parseEnvelope(parts(text, 7))).toEqual(JSON.parse(text));
    }
    await expect(parseEnvelope(parts('{"configs":[', 5))).rejects.toThrow(SyntaxError);
    await expect(parseEnvelope([Buffer.from([0x22, 0xff, 0x22])])).rejects.toThrow(SyntaxError);
    await expect(parseEnvelope([Buffer.from('"€"').subarray(0, 2)])).rejects.toThrow(SyntaxError);
  });

  it('with members in the order in which they come', async () => {
    const text = '{"b":1,"configs":[{"z":1,"a":2}],"a":2,"0":3}';
    expect(JSON.stringify(await parseEnvelope(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('from bytes with a byte order mark', async () => {
    const bytes = Buffer.from('\uFEFF{"configs":[1]}');
    expect(await parseEnvelope([bytes])).toEqual({ configs: [1] });
  });

  it('from chunks that come one after the other', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces(LARGE, 999)) {
        await Promise.resolve();
        yield piece;
      }
    }
    expect(await parseEnvelope(chunks())).toEqual(JSON.parse(LARGE));
  });
});

describe('an envelope is refused as JSON.parse would', () => {
  for (const [name, text] of Object.entries(MISTAKES)) {
    it(`with ${name}`, async () => {
      expect(() => void JSON.parse(text)).toThrow(SyntaxError);
      for (const source of sourcesOf(text)) {
        await expect(parseEnvelope(source)).rejects.toThrow(SyntaxError);
      }
    });
  }

  it('wherever a character is missing, wrong or too many', async () => {
    const whole = '{"m":{"a":[1,"x\\n"]},"configs":[{"k":"]"},[2.5,null],"\\"{"],"configs":[true]}';
    for (let at = 0; at < whole.length; at++) {
      const [before, after] = [whole.slice(0, at), whole.slice(at + 1)];
      const damaged = [before, before + after];
      for (const char of '{}[],:"\\ 1n') {
        damaged.push(before + char + after, before + char + whole[at] + after);
      }
      for (const text of damaged) {
        const [ours, theirs] = [
          await outcome(() => parseEnvelope(text)),
          await outcome(() => JSON.parse(text)),
        ];
        expect(ours, text).toEqual(theirs);
        expect(await outcome(() => parseEnvelope(pieces(text, 1))), text).toEqual(theirs);
      }
    }
  });

  it('when the bytes are not UTF-8, or end within a character', async () => {
    const good = Buffer.from('{"configs":["€"]}');
    const bad = Buffer.from(good);
    bad[13] = 0xff;
    await expect(parseEnvelope([bad])).rejects.toThrow('not UTF-8');
    await expect(parseEnvelope([good.subarray(0, 14)])).rejects.toThrow('not UTF-8');
  });

  it('without quoting it', async () => {
    await expect(parseEnvelope('{"configs":[secret]}')).rejects.toThrow(/^not JSON$/);
    await expect(parseEnvelope('{"secret":[secret]}')).rejects.toThrow(/^not JSON$/);
  });

  it('but a source that fails is heard', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"configs":[');
      await Promise.reject(new Error('broken off'));
    }
    await expect(parseEnvelope(chunks())).rejects.toThrow('broken off');
  });
});

it('the event loop turns while a large envelope is read', async () => {
  const configs = LARGE.slice(LARGE.indexOf('[') + 1, LARGE.lastIndexOf(']'));
  const text = `{"configs":[${Array.from({ length: 20 }, () => configs).join(',')}]}`;
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  const parsed = (await parseEnvelope([Buffer.from(text)])) as { configs: unknown[] };
  clearInterval(ticking);
  expect(parsed.configs).toHaveLength(40_000);
  expect(turns).toBeGreaterThan(3);
});

/** The text in every form in which it can come. */
function sourcesOf(text: string): (string | Iterable<Uint8Array>)[] {
  const inOne = [text, [Buffer.from(text)]];
  return text.length > 1_000 ? [...inOne, pieces(text, 4_093)] : [...inOne, pieces(text, 1)];
}

/** Not a list: that would be read in one go. */
function pieces(text: string, length: number): Iterable<Uint8Array> {
  const bytes = Buffer.from(text);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += length) {
    parts.push(bytes.subarray(from, from + length));
  }
  return { [Symbol.iterator]: () => parts[Symbol.iterator]() };
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

/** An object whose names are often the one that is treated apart. */
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
