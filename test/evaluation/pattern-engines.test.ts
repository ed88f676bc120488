import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, type PatternTrace, QuonfigService } from '../../lib/index.js';
import { envelope, flagWhen, serviceOf, when } from '../support/configs.js';
import { type CorpusRow, evil, good } from '../support/patterns/corpus.js';
import { RecordingLogger } from '../support/recording-logger.js';

function flagsFor(patterns: readonly string[]): Config[] {
  return patterns.flatMap((pattern, index) => [
    flagWhen(`matches ${index}`, when('PROP_MATCHES', 'user.it', pattern)),
    flagWhen(`differs ${index}`, when('PROP_DOES_NOT_MATCH', 'user.it', pattern)),
  ]);
}

async function searching(...patterns: string[]): Promise<QuonfigService> {
  return serviceOf(flagsFor(patterns));
}

function answers(service: QuonfigService, text: string, index = 0): [boolean, boolean] {
  const contexts = { user: { it: text } };
  return [
    service.isEnabled(`matches ${index}`, contexts),
    service.isEnabled(`differs ${index}`, contexts),
  ];
}

function traced(service: QuonfigService, index = 0): PatternTrace | undefined {
  return service.explain(`matches ${index}`).rules[0]?.criteria[0]?.pattern;
}

const MATCHES = [true, false];
const DIFFERS = [false, true];
const NEITHER = [false, false];

const rows = [...good, ...evil];

describe('the corpus of patterns', () => {
  let corpus: QuonfigService;
  beforeAll(async () => {
    const datafile = envelope(flagsFor(rows.map(({ pattern }) => pattern)));
    corpus = await QuonfigService.create({ datafile, logger: new RecordingLogger() });
  });
  afterAll(() => corpus.close());

  it('the pattern list has 200 good patterns, each of which an engine runs, and 100 evil ones', () => {
    expect(good).toHaveLength(200);
    expect(evil).toHaveLength(100);
    expect(new Set(rows.map(({ pattern }) => pattern)).size).toBe(300);
    expect(good.filter(({ engine }) => engine === 'none')).toEqual([]);
  });

  it.each(rows.map((row, index) => [row.pattern, row.engine, row, index] as const))(
    'the pattern %j runs on the engine %s',
    (_pattern, engine, row: CorpusRow, index) => {
      const trace = traced(corpus, index);
      expect(trace?.engine).toBe(engine);
      if (engine === 'RegExp') expect(trace?.maxLength).toBe(row.maxLength);
      const found = [answers(corpus, row.matching, index), answers(corpus, row.other, index)];
      expect(found).toEqual(engine === 'none' ? [NEITHER, NEITHER] : [MATCHES, DIFFERS]);
    },
  );

  it.each(
    rows.flatMap(({ engine, pattern, pump, matching, other }, index) =>
      engine === 'none' ? [] : [[pattern, index, pump ?? matching, matching, other] as const],
    ),
  )('a search of a hostile string for %j ends', (_, index, pump, matching, other) => {
    const { maxLength = 0 } = traced(corpus, index)!;
    for (const word of [pump, matching, other, 'a', 'a ']) {
      const text = word.repeat(Math.ceil(maxLength / word.length)).slice(0, maxLength - 1);
      expect(answers(corpus, `${text}!`, index)).not.toEqual(NEITHER);
    }
  });
});

describe('a translated pattern', () => {
  const pieces = ['a', '[^a]', '(?=b)', '(?!a)', '(?<=a)', '(?<!b)', '(b|)', 'a*', '^', '$'];
  const patterns = pieces.flatMap((first) =>
    pieces.flatMap((second) => pieces.map((third) => `${first}${second}${third}`)),
  );
  // Two loops over the same letters and a backreference are too slow for a backtracking engine.
  const fast = patterns.filter((pattern) => !pattern.includes('a*a*'));
  const letters = ['a', 'b', '\n'];
  const strings = ['', ...letters];
  for (let from = 1; strings.length < 121; from++) {
    strings.push(...letters.map((letter) => strings[from]! + letter));
  }

  it.each(['', String.raw`(.)\1`])(
    'a translated pattern finds exactly what RegExp finds, with %j after it',
    async (end) => {
      const all = fast.map((pattern) => pattern + end);
      const service = await searching(...all);
      const wrong = all.flatMap((pattern, index) => {
        const expected = new RegExp(pattern, 'u');
        const differing = strings.filter(
          (text) => expected.test(text) !== answers(service, text, index)[0],
        );
        return differing.map((text) => ({ pattern, text }));
      });
      expect(wrong).toEqual([]);
    },
  );

  it.each([
    [String.raw`^(?!\d)\s`, '\u00a0', DIFFERS],
    [String.raw`^(\s)\1`, '\u00a0\u00a0', DIFFERS],
    [String.raw`^(.)\1`, '\r\r', MATCHES],
    [String.raw`(?m)^(b)\1$`, 'a\nbb\nc', MATCHES],
    [String.raw`(?m)^b(?=$)`, 'a\rb', DIFFERS],
    [String.raw`^(.)(?!\1)`, '😀😀', DIFFERS],
    ['^.(?!.)', '😀', MATCHES],
    [String.raw`(?i)^(\W)\1`, 'ss', DIFFERS],
    [String.raw`^(\S)\1`, '\u00a0\u00a0', MATCHES],
    [String.raw`^([[:alpha:]])\1`, 'aa', MATCHES],
    [String.raw`^(\p{Greek})\1`, 'λλ', MATCHES],
  ])('the pattern %j means the same on both engines for %j', async (pattern, text, expected) => {
    expect(answers(await searching(pattern), text)).toEqual(expected);
  });
});

describe('the longest string', () => {
  it.each([
    ['a', 'linear', 65_536],
    [String.raw`(\w+)\1`, 'RegExp', 128],
    [String.raw`^(\w+)-\1$`, 'RegExp', 65_536],
  ])(
    'the pattern %j is searched for in strings up to its limit, and not in longer ones',
    async (pattern, engine, maxLength) => {
      const service = await searching(pattern);
      expect(traced(service)).toEqual({ engine, maxLength });
      expect(answers(service, '-'.repeat(maxLength))).toEqual(DIFFERS);
      expect(answers(service, '-'.repeat(maxLength + 1))).toEqual(NEITHER);
    },
  );

  it('a pattern without look-behind searches at least 2,048 characters, however large it is', async () => {
    const service = await searching('[a-z]{1,1000}!$');
    expect(traced(service)).toEqual({ engine: 'linear', maxLength: 2_048 });
  });
});

describe('explain for a pattern', () => {
  it('explain says that a string is too long for the pattern', async () => {
    const service = await searching(String.raw`(\w+)\1`);
    const { rules } = service.explain('matches 0', { user: { it: 'a'.repeat(129) } });
    expect(rules[0]?.criteria[0]).toMatchObject({
      result: false,
      reason: 'the string is longer than the pattern may search',
    });
  });

  it.each(
    [
      ['([', 'it has a "[" without a "]"'],
      ['(a', 'it has a "(" without a ")"'],
      ['a)', 'it has a ")" without a "("'],
      ['a(?=b', 'it has a "(" without a ")"'],
      ['*a', 'it has a quantifier'],
      ['(?=a)*', 'it has a quantifier'],
      ['a{2}{3}(?=b)', 'it has a quantifier'],
      ['a{3,2}', 'a range whose end is before its start'],
      ['[b-a]', 'a range whose end is before its start'],
      ['a++', 'possessive quantifiers'],
      ['(?>a)', 'groups that begin with (?> are not supported'],
      [String.raw`a\y`, String.raw`the escape \y is not supported`],
      [String.raw`(a)\k`, String.raw`the escape \k is not supported`],
      [String.raw`(a)\2`, 'a group that it does not have'],
      [String.raw`(?<a>x)\k<b>`, 'a group that it does not have'],
      [String.raw`(?<a>x)(?<a>y)`, 'two of its groups have the same name'],
      [String.raw`\p{Klingon}`, 'a Unicode property that no engine knows'],
      [String.raw`\u{110000}`, 'a character that does not exist'],
      ['[[:vowel:]]', 'a named set'],
      ['a\\', 'it ends too early'],
      [String.raw`(?i:a)(b)\1`, 'only a part of it ignores case'],
      ['('.repeat(20_000) + ')'.repeat(20_000), 'nested too deeply'],
      [String.raw`(a{1000})\1`, 'it is too large'],
      [String.raw`^(a+)+\1$`, 'would take too long'],
    ].map(([pattern, problem]) => [problem!, pattern!] as const),
  )('explain says why no engine runs a pattern: %s', async (problem, pattern) => {
    const service = await searching(pattern);
    const { rules } = service.explain('matches 0', { user: { it: 'a' } });
    expect(rules[0]?.criteria[0]).toMatchObject({
      result: false,
      reason: 'no engine runs the pattern',
      pattern: { engine: 'none', problem: expect.stringContaining(problem) },
    });
  });

  it('explain says nothing about engines for other operators', async () => {
    const service = await serviceOf([flagWhen('flag', when('IS_PRESENT', 'user.it'))]);
    expect(service.explain('flag').rules[0]?.criteria[0]).not.toHaveProperty('pattern');
  });
});
