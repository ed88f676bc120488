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

/** Whether a flag with this criterion is on, with these segments around. */
async function holds(criterion: Criterion, segments: Config[], contexts = PRO): Promise<boolean> {
  const service = await serviceOf([flagWhen('flag', criterion), ...segments]);
  return service.isEnabled('flag', contexts);
}

describe('IN_SEG and NOT_IN_SEG', () => {
  it('ask a segment for the contexts of the read', async () => {
    const segments = [segment('members', pro)];
    expect(await holds(inSegment('members'), segments)).toBe(true);
    expect(await holds(notInSegment('members'), segments)).toBe(false);
    expect(await holds(inSegment('members'), segments, FREE)).toBe(false);
    expect(await holds(notInSegment('members'), segments, FREE)).toBe(true);
  });

  it('find nobody in a segment that is missing, has no rules, or matches with none', async () => {
    for (const segments of [
      [],
      [config('members', 'bool', [])],
      [segment('members', always, pro)],
    ]) {
      expect(await holds(inSegment('members'), segments, FREE)).toBe(false);
      expect(await holds(notInSegment('members'), segments, FREE)).toBe(true);
    }
  });

  it('look at the truth of the value that a segment matches with', async () => {
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

  it('find nobody in a segment whose value cannot be used', async () => {
    const segments = [config('members', 'bool', [rule(value('int', 'x'))], 'segment')];
    expect(await holds(inSegment('members'), segments)).toBe(false);
    expect(await holds(notInSegment('members'), segments)).toBe(true);
  });

  it('name no segment without a match: nobody is in it', async () => {
    expect(await holds(when('IN_SEG'), [])).toBe(false);
    expect(await holds(when('NOT_IN_SEG'), [])).toBe(true);
  });

  it('read the key of the segment as text', async () => {
    expect(await holds(when('IN_SEG', undefined, 7), [segment('7', always)])).toBe(true);
  });

  it('ask any config, whatever its type', async () => {
    expect(await holds(inSegment('other'), [flagWhen('other', pro)])).toBe(true);
  });
});

describe('a segment', () => {
  it('knows no environment: only its default rules count', async () => {
    const members: Config = {
      ...segment('members', pro),
      environment: { id: 'production', rules: [rule(no)] },
    };
    const service = await serviceOf([flagWhen('flag', inSegment('members')), members]);
    expect(service.isEnabled('flag', PRO)).toBe(true);
    // Read as a config it is one like others.
    expect(service.get('members', PRO)).toBe(false);
  });

  it('inside another segment is asked in the same way', async () => {
    const segments = [
      segment('outer', inSegment('inner'), when('IS_PRESENT', 'user.plan')),
      segment('inner', pro),
    ];
    expect(await holds(inSegment('outer'), segments)).toBe(true);
    expect(await holds(inSegment('outer'), segments, FREE)).toBe(false);
  });

  it('may look at other contexts than the config that asks it', async () => {
    const service = await serviceOf([
      flagWhen('flag', pro, inSegment('members')),
      segment('members', when('PROP_IS_ONE_OF', 'team.key', ['t-1'])),
    ]);
    expect(service.isEnabled('flag', { ...PRO, team: { key: 't-1' } })).toBe(true);
    expect(service.isEnabled('flag', { ...PRO, team: { key: 't-2' } })).toBe(false);
  });
});

describe('segments in a circle', () => {
  it('that ask themselves are not found on their own path', async () => {
    const segments = [segment('self', inSegment('self'))];
    expect(await holds(inSegment('self'), segments)).toBe(false);
    expect(await holds(notInSegment('self'), segments)).toBe(true);

    const denying = [segment('self', notInSegment('self'))];
    expect(await holds(inSegment('self'), denying)).toBe(true);
  });

  it('of two steps are not found on their own path', async () => {
    const segments = [segment('a', inSegment('b')), segment('b', inSegment('a'))];
    expect(await holds(inSegment('a'), segments)).toBe(false);
    const denying = [segment('a', inSegment('b')), segment('b', notInSegment('a'))];
    expect(await holds(inSegment('a'), denying)).toBe(true);
    expect(await holds(inSegment('b'), denying)).toBe(true);
  });

  it('of more steps do no harm to other rules', async () => {
    const ring = Array.from({ length: 60 }, (_, at) =>
      config('ring'.concat(String(at)), 'bool', [
        rule(yes, inSegment(`ring${(at + 1) % 60}`)),
        rule(yes, pro),
      ]),
    );
    expect(await holds(inSegment('ring0'), ring)).toBe(true);
    expect(await holds(inSegment('ring0'), ring, FREE)).toBe(false);
  });

  it('follow the path: two branches may use the same segment', async () => {
    const segments = [
      segment('left', inSegment('shared')),
      segment('right', inSegment('shared')),
      segment('shared', pro),
      segment('both', inSegment('left'), inSegment('right')),
      // Makes all of the above reach a circle or not: the answer must be the same.
      segment('knot', notInSegment('knot'), inSegment('shared')),
    ];
    expect(await holds(inSegment('both'), segments)).toBe(true);
    expect(await holds(inSegment('knot'), segments)).toBe(true);
    expect(await holds(inSegment('knot'), segments, FREE)).toBe(false);
  });

  it('through the config that is read are not found', async () => {
    const service = await serviceOf([
      flagWhen('flag', inSegment('members')),
      segment('members', notInSegment('flag')),
    ]);
    expect(service.isEnabled('flag')).toBe(true);
    expect(service.isEnabled('members')).toBe(true);
  });

  it('each asking all others come to an end', async () => {
    const keys = Array.from({ length: 40 }, (_, at) => `s${at}`);
    const segments = keys.map((key) =>
      config(key, 'bool', [...keys.map((other) => rule(yes, inSegment(other))), rule(yes, pro)]),
    );
    const service = await serviceOf([flagWhen('flag', inSegment('s0')), ...segments]);
    expect(service.isEnabled('flag', FREE)).toBe(false);
    expect(() => service.explain('flag', FREE)).not.toThrow();
  });

  it('by way of the key that decrypts a segment come to an end', async () => {
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

describe('segments that ask segments, very deep', () => {
  it.each([1_000, 10_000])('%d deep, cost no stack', async (depth) => {
    const chain = Array.from({ length: depth }, (_, at) =>
      segment(`s${at}`, at === depth - 1 ? pro : inSegment(`s${at + 1}`)),
    );
    const service = await serviceOf([flagWhen('flag', inSegment('s0')), ...chain]);
    expect(service.isEnabled('flag', PRO)).toBe(true);
    expect(service.isEnabled('flag', FREE)).toBe(false);
    expect(service.explain('flag', PRO).outcome.value).toBe(true);
  });

  it('give what shallow ones give when each turns the answer around', async () => {
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

describe('a segment that many ask', () => {
  it('is evaluated once in an evaluation, however many paths lead to it', async () => {
    let looks = 0;
    const contexts = {
      user: {
        get plan(): string {
          looks++;
          return 'pro';
        },
      },
    };
    const askers = Array.from({ length: 20 }, (_, at) =>
      segment(`asker${at}`, inSegment('shared')),
    );
    const service = await serviceOf([
      flagWhen('flag', ...askers.map(({ key }) => inSegment(key))),
      ...askers,
      segment('shared', pro),
    ]);
    expect(service.isEnabled('flag', contexts)).toBe(true);
    expect(looks).toBe(1);
    service.isEnabled('flag', contexts);
    expect(looks).toBe(2);
  });

  it('through thirty levels of two each is answered: a billion paths, sixty segments', async () => {
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
