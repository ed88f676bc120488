import { RE2JS } from 're2js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  finding,
  matchUnusable,
  patternUnusable,
} from '../../lib/evaluation/evaluation.messages.js';
import {
  tooDeep,
  tooLarge,
  tooSlow,
  unclosedSet,
  unknownEscape,
} from '../../lib/evaluation/patterns/pattern.messages.js';
import type { QuonfigService } from '../../lib/index.js';
import { config, flagWhen, no, rule, serviceOf, when, yes } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

async function matching(pattern: unknown, log = new RecordingLogger()): Promise<QuonfigService> {
  return serviceOf(
    [
      flagWhen('matches', when('PROP_MATCHES', 'user.it', pattern)),
      flagWhen('differs', when('PROP_DOES_NOT_MATCH', 'user.it', pattern)),
    ],
    { logger: log },
  );
}

function results(service: QuonfigService, seen: unknown): [matches: boolean, differs: boolean] {
  const contexts = { user: { it: seen } };
  return [service.isEnabled('matches', contexts), service.isEnabled('differs', contexts)];
}

const MATCHES = [true, false];
const DIFFERS = [false, true];
const NEITHER = [false, false];

describe('PROP_MATCHES and PROP_DOES_NOT_MATCH', () => {
  it.each([
    ['b+', 'abbc', MATCHES],
    ['b+', 'ac', DIFFERS],
    ['^b+$', 'abbc', DIFFERS],
    ['^b+$', 'bb', MATCHES],
    ['B', 'b', DIFFERS],
    ['(?i)B', 'b', MATCHES],
    ['', 'anything', MATCHES],
    ['^$', '', MATCHES],
    [String.raw`\d{2,}@example\.com$`, 'u12@example.com', MATCHES],
    [String.raw`\u00e9`, 'café', MATCHES],
    ['(?<year>[0-9]{4})', 'in 2026', MATCHES],
    ['[[:alpha:]]+', '123', DIFFERS],
    ['^.$', '😀', MATCHES],
  ])(
    'PROP_MATCHES searches for %j anywhere, case-sensitively, in %j',
    async (pattern, text, expected) => {
      expect(results(await matching(pattern), text)).toEqual(expected);
    },
  );

  it('both operators are false for a missing value or one that is not a string', async () => {
    const service = await matching('1');
    for (const seen of [1, true, ['1'], { 1: '1' }, null, undefined]) {
      expect(results(service, seen)).toEqual(NEITHER);
    }
  });

  it('both operators are false, with a warning, if the match is not a string', async () => {
    const log = new RecordingLogger();
    for (const pattern of [undefined, 1, ['1'], {}]) {
      expect(results(await matching(pattern, log), '1')).toEqual(NEITHER);
    }
    const notPattern = matchUnusable('a pattern');
    expect(new Set(log.messages('warn'))).toEqual(
      new Set(
        ['matches', 'differs'].map((key) =>
          finding(key, 'default rule 1, criterion 1', notPattern),
        ),
      ),
    );
  });
});

describe('a pattern', () => {
  it('a pattern is compiled once, however often it is used', async () => {
    const compile = vi.spyOn(RE2JS, 'compile');
    onTestFinished(() => compile.mockRestore());
    const service = await serviceOf([flagWhen('flag', when('PROP_MATCHES', 'user.it', 'b+'))]);
    for (let read = 0; read < 5; read++) {
      expect(service.isEnabled('flag', { user: { it: `ab${read}` } })).toBe(true);
    }
    expect(compile).toHaveBeenCalledTimes(1);
  });
});

describe('unusable patterns', () => {
  it.each([
    ['an open bracket', '([', unclosedSet()],
    ['an unknown escape', String.raw`a\y`, unknownEscape(String.raw`\y`)],
    ['too many repetitions', 'a{1001}', tooLarge()],
    ['excessive nesting', '('.repeat(20_000) + ')'.repeat(20_000), tooDeep()],
    ['exponential backtracking', String.raw`^(a+)+\1$`, tooSlow()],
  ])(
    'a pattern with %s matches nothing, and one warning names its place and the reason',
    async (_, pattern, problem) => {
      const log = new RecordingLogger();
      const service = await serviceOf(
        [
          config('ranker', 'bool', [
            rule(no, when('IS_PRESENT', 'user.none')),
            rule(yes, when('ALWAYS_TRUE'), when('PROP_MATCHES', 'user.it', pattern)),
            rule(no),
          ]),
        ],
        { logger: log },
      );
      for (let read = 0; read < 3; read++) {
        expect(service.get('ranker', { user: { it: 'aab' } })).toBe(false);
      }
      expect(log.messages('warn')).toEqual([
        finding('ranker', 'default rule 2, criterion 2', patternUnusable(problem)),
      ]);
      expect(log.messages('warn')[0]).toContain('"ranker", default rule 2, criterion 2');
    },
  );

  it('an unusable pattern makes PROP_DOES_NOT_MATCH false, too', async () => {
    expect(results(await matching('(['), 'a')).toEqual(NEITHER);
  });
});

describe('hostile strings', () => {
  it.each([
    '^(a+)+$',
    '^(a*)*$',
    '^(a|aa)+$',
    '^(a|a)*b$',
    '^([a-zA-Z]+)*$',
    String.raw`^(\w+\s?)*$`,
    '(.*)*x',
    '(.*.*.*.*.*)*x',
    '(a?){30}a{30}b',
  ])('the pattern %s stays fast on hostile strings', async (pattern) => {
    const service = await matching(pattern);
    // A backtracking engine would hang on the first of these.
    for (const text of [`${'a'.repeat(40)}!`, `${'a'.repeat(2_000)}!`]) {
      expect(results(service, text)).not.toEqual(NEITHER);
    }
  });

  it('both operators are false for a string of more than 65,536 characters', async () => {
    const service = await matching('a');
    expect(results(service, 'a'.repeat(65_536))).toEqual(MATCHES);
    expect(results(service, 'a'.repeat(65_537))).toEqual(NEITHER);
    expect(results(service, 'b'.repeat(5_000_000))).toEqual(NEITHER);
  });
});
