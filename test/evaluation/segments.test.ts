import { describe, expect, it } from 'vitest';
import type { Config, Criterion } from '../../lib/index.js';
import {
  always,
  config,
  flagWhen,
  inSegment,
  no,
  notInSegment,
  rule,
  segment,
  serviceOf,
  value,
  when,
  yes,
} from '../support/configs.js';

const pro = when('PROP_IS_ONE_OF', 'user.plan', ['pro']);
const PRO = { user: { plan: 'pro' } };
const FREE = { user: { plan: 'free' } };

/** Whether a flag with this criterion is on, given these segments. */
async function holds(criterion: Criterion, segments: Config[], contexts = PRO): Promise<boolean> {
  const service = await serviceOf([flagWhen('flag', criterion), ...segments]);
  return service.isEnabled('flag', contexts);
}

describe('IN_SEG and NOT_IN_SEG', () => {
  it('IN_SEG evaluates the segment with the contexts of the read', async () => {
    const segments = [segment('members', pro)];
    expect(await holds(inSegment('members'), segments)).toBe(true);
    expect(await holds(notInSegment('members'), segments)).toBe(false);
    expect(await holds(inSegment('members'), segments, FREE)).toBe(false);
    expect(await holds(notInSegment('members'), segments, FREE)).toBe(true);
  });

  it('nobody is in a segment that is missing, has no rules, or matches none', async () => {
    for (const segments of [
      [],
      [config('members', 'bool', [])],
      [segment('members', always, pro)],
    ]) {
      expect(await holds(inSegment('members'), segments, FREE)).toBe(false);
      expect(await holds(notInSegment('members'), segments, FREE)).toBe(true);
    }
  });

  it('IN_SEG is true if the value of the segment is truthy', async () => {
    for (const [stored, truth] of [
      [yes, true],
      [no, false],
      [value('string', 'text'), true],
      [value('string', ''), false],
      [value('int', 0), false],
      [value('int', 7), true],
    ] as const) {
      const segments = [config('members', 'bool', [rule(stored)], 'segment')];
      expect(await holds(inSegment('members'), segments)).toBe(truth);
      expect(await holds(notInSegment('members'), segments)).toBe(!truth);
    }
  });

  it('nobody is in a segment whose value is invalid', async () => {
    const segments = [config('members', 'bool', [rule(value('int', 'x'))], 'segment')];
    expect(await holds(inSegment('members'), segments)).toBe(false);
    expect(await holds(notInSegment('members'), segments)).toBe(true);
  });

  it('IN_SEG is false and NOT_IN_SEG true without a segment key', async () => {
    expect(await holds(when('IN_SEG'), [])).toBe(false);
    expect(await holds(when('NOT_IN_SEG'), [])).toBe(true);
  });

  it('IN_SEG converts the key of the segment to a string', async () => {
    expect(await holds(when('IN_SEG', undefined, 7), [segment('7', always)])).toBe(true);
  });

  it('IN_SEG accepts a config of any type as a segment', async () => {
    expect(await holds(inSegment('other'), [flagWhen('other', pro)])).toBe(true);
  });
});

describe('a segment', () => {
  it('a segment uses only its default rules', async () => {
    const members: Config = {
      ...segment('members', pro),
      environment: { id: 'production', rules: [rule(no)] },
    };
    const service = await serviceOf([flagWhen('flag', inSegment('members')), members]);
    expect(service.isEnabled('flag', PRO)).toBe(true);
    // A direct read of the same config uses the environment rules.
    expect(service.get('members', PRO)).toBe(false);
  });

  it('a segment may use another segment', async () => {
    const segments = [
      segment('outer', inSegment('inner'), when('IS_PRESENT', 'user.plan')),
      segment('inner', pro),
    ];
    expect(await holds(inSegment('outer'), segments)).toBe(true);
    expect(await holds(inSegment('outer'), segments, FREE)).toBe(false);
  });

  it('a segment may use other contexts than the config that uses it', async () => {
    const service = await serviceOf([
      flagWhen('flag', pro, inSegment('members')),
      segment('members', when('PROP_IS_ONE_OF', 'team.key', ['t-1'])),
    ]);
    expect(service.isEnabled('flag', { ...PRO, team: { key: 't-1' } })).toBe(true);
    expect(service.isEnabled('flag', { ...PRO, team: { key: 't-2' } })).toBe(false);
  });
});

describe('segment cycles', () => {
  it('a segment that uses itself counts as missing on its own path', async () => {
    const segments = [segment('self', inSegment('self'))];
    expect(await holds(inSegment('self'), segments)).toBe(false);
    expect(await holds(notInSegment('self'), segments)).toBe(true);

    const denying = [segment('self', notInSegment('self'))];
    expect(await holds(inSegment('self'), denying)).toBe(true);
  });

  it('a segment in a cycle of two counts as missing on its own path', async () => {
    const segments = [segment('a', inSegment('b')), segment('b', inSegment('a'))];
    expect(await holds(inSegment('a'), segments)).toBe(false);
    const denying = [segment('a', inSegment('b')), segment('b', notInSegment('a'))];
    expect(await holds(inSegment('a'), denying)).toBe(true);
    expect(await holds(inSegment('b'), denying)).toBe(true);
  });

  it('a cycle of sixty segments does not affect their other rules', async () => {
    const cycle = Array.from({ length: 60 }, (_, at) =>
      config('cycle'.concat(String(at)), 'bool', [
        rule(yes, inSegment(`cycle${(at + 1) % 60}`)),
        rule(yes, pro),
      ]),
    );
    expect(await holds(inSegment('cycle0'), cycle)).toBe(true);
    expect(await holds(inSegment('cycle0'), cycle, FREE)).toBe(false);
  });

  it('two branches that use the same segment are not a cycle', async () => {
    const segments = [
      segment('left', inSegment('shared')),
      segment('right', inSegment('shared')),
      segment('shared', pro),
      segment('both', inSegment('left'), inSegment('right')),
      // The result must be the same whether or not a cycle is involved.
      segment('knot', notInSegment('knot'), inSegment('shared')),
    ];
    expect(await holds(inSegment('both'), segments)).toBe(true);
    expect(await holds(inSegment('knot'), segments)).toBe(true);
    expect(await holds(inSegment('knot'), segments, FREE)).toBe(false);
  });

  it('the config that is read counts as missing when its segments use it', async () => {
    const service = await serviceOf([
      flagWhen('flag', inSegment('members')),
      segment('members', notInSegment('flag')),
    ]);
    expect(service.isEnabled('flag')).toBe(true);
    expect(service.isEnabled('members')).toBe(true);
  });

  it('evaluation ends even if forty segments all use each other', async () => {
    const keys = Array.from({ length: 40 }, (_, at) => `s${at}`);
    const segments = keys.map((key) =>
      config(key, 'bool', [...keys.map((other) => rule(yes, inSegment(other))), rule(yes, pro)]),
    );
    const service = await serviceOf([flagWhen('flag', inSegment('s0')), ...segments]);
    expect(service.isEnabled('flag', FREE)).toBe(false);
    expect(() => service.explain('flag', FREE)).not.toThrow();
  });

  it('evaluation ends even if the decryption key of a segment depends on that segment', async () => {
    const hidden = value('string', '00--00--00', { confidential: true, decryptWith: 'key' });
    const names = Array.from({ length: 12 }, (_, at) => `hidden${at}`);
    const service = await serviceOf([
      flagWhen('flag', inSegment('hidden0')),
      ...names.map((name) => config(name, 'bool', [rule(hidden)], 'segment')),
      config('key', 'string', [
        ...names.map((name) => rule(value('string', 'x'), inSegment(name))),
        rule(value('string', 'y')),
      ]),
    ]);
    expect(service.isEnabled('flag')).toBe(false);
  });
});

describe('deeply nested segments', () => {
  it.each([1_000, 10_000])('%d nested segments do not overflow the stack', async (depth) => {
    const chain = Array.from({ length: depth }, (_, at) =>
      segment(`s${at}`, at === depth - 1 ? pro : inSegment(`s${at + 1}`)),
    );
    const service = await serviceOf([flagWhen('flag', inSegment('s0')), ...chain]);
    expect(service.isEnabled('flag', PRO)).toBe(true);
    expect(service.isEnabled('flag', FREE)).toBe(false);
    expect(service.explain('flag', PRO).outcome.value).toBe(true);
  });

  it('nested NOT_IN_SEG criteria evaluate correctly at any depth', async () => {
    for (const depth of [3, 49, 50, 51, 52, 1_001]) {
      const chain = Array.from({ length: depth }, (_, at) =>
        config(`s${at}`, 'bool', [
          rule(yes, at === depth - 1 ? pro : notInSegment(`s${at + 1}`)),
          rule(no),
        ]),
      );
      const service = await serviceOf(chain);
      expect(service.get('s0', PRO)).toBe(depth % 2 === 1);
      expect(service.get('s0', FREE)).toBe(depth % 2 === 0);
    }
  });
});

describe('a shared segment', () => {
  it('a segment is evaluated once per evaluation, however many paths lead to it', async () => {
    let reads = 0;
    const contexts = {
      user: {
        get plan(): string {
          reads++;
          return 'pro';
        },
      },
    };
    const parents = Array.from({ length: 20 }, (_, at) =>
      segment(`parent${at}`, inSegment('shared')),
    );
    const service = await serviceOf([
      flagWhen('flag', ...parents.map(({ key }) => inSegment(key))),
      ...parents,
      segment('shared', pro),
    ]);
    expect(service.isEnabled('flag', contexts)).toBe(true);
    expect(reads).toBe(1);
    service.isEnabled('flag', contexts);
    expect(reads).toBe(2);
  });

  it('sixty segments with a billion paths between them do not slow down evaluation', async () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      ['l', 'r'].map((side) =>
        config(`${side}${level}`, 'bool', [
          rule(
            yes,
            ...(level === 29 ? [pro] : [inSegment(`l${level + 1}`), inSegment(`r${level + 1}`)]),
          ),
        ]),
      ),
    ).flat();
    const service = await serviceOf([
      flagWhen('flag', inSegment('l0'), inSegment('r0')),
      ...levels,
    ]);
    expect(service.isEnabled('flag', PRO)).toBe(true);
    expect(service.isEnabled('flag', FREE)).toBe(false);
    expect(service.explain('flag', PRO).outcome.value).toBe(true);
  });
});
