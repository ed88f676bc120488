import { describe, expect, it } from 'vitest';
import { type Config, configsLine, packConfig, type StoredConfig } from '../../lib/model/index.js';
import { constant } from '../support/configs.js';

const BEFORE = 'id: 1\ndata: "ä" {"configs":';
const AFTER = ',"meta":{}}\n\n';

/** About 1 kB each: 512 of them are a piece. */
const someConfig = (key: string, text = 'x'): StoredConfig =>
  packConfig(constant(key, 'string', text.repeat(850))) as StoredConfig;

const someConfigs = (count: number): StoredConfig[] =>
  Array.from({ length: count }, (_, index) => someConfig(`key-${index}`));

const unpacked = (config: StoredConfig): Config => ('unpack' in config ? config.unpack() : config);

/** The configs of a line, after checking what surrounds them. */
function configsIn(pieces: readonly Buffer[], before = BEFORE, after = AFTER): unknown {
  const text = Buffer.concat(pieces).toString();
  expect(text.startsWith(before)).toBe(true);
  expect(text.endsWith(after)).toBe(true);
  const list = text.slice(before.length, text.length - after.length);
  expect(list).not.toMatch(/[\r\n]/);
  return JSON.parse(list);
}

function newPieces(pieces: readonly Buffer[], earlier: readonly Buffer[]): Buffer[] {
  return pieces.filter((piece) => !earlier.includes(piece));
}

describe('the configs of an envelope as one line', () => {
  it.each([0, 1, 3, 5_000])('%d configs become one line between two strings', async (count) => {
    const configs = Array.from({ length: count }, (_, index) =>
      constant(`key-${index}`, 'string', `wörd\n"${index}" `.repeat(10)),
    );
    const pretty = (config: object) => Buffer.from(JSON.stringify(config, null, 2));
    // Half of them packed, as the network delivers them.
    const stored = configs.map((config, index) =>
      index % 2 === 0 ? config : (packConfig(config, pretty(config)) as StoredConfig),
    );
    expect(configsIn(await configsLine(stored, BEFORE, AFTER))).toEqual(configs);
  });

  it('the configs themselves keep their line breaks', async () => {
    const bytes = Buffer.from(JSON.stringify(constant('key', 'string', 'value'), null, 2));
    const before = Buffer.from(bytes);
    const packed = packConfig(JSON.parse(bytes.toString()), bytes) as StoredConfig;
    await configsLine([packed], '', '');
    expect(bytes.equals(before)).toBe(true);
  });

  it('the event loop keeps running while large configs are joined', async () => {
    const configs = Array.from({ length: 40 }, (_, index) =>
      constant(`key-${index}`, 'string', '"'.repeat(500_000)),
    ) as StoredConfig[];
    let turns = 0;
    const ticking = setInterval(() => turns++, 0);
    await configsLine(configs, BEFORE, AFTER);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(3);
  });

  it('a small envelope is one piece', async () => {
    expect(await configsLine(someConfigs(400), BEFORE, AFTER)).toHaveLength(1);
  });
});

describe('the pieces of an earlier line', () => {
  it('after one config has changed, all pieces but its own, the first and the last are used again', async () => {
    const configs = someConfigs(5_000);
    const earlier = await configsLine(configs, BEFORE, AFTER);
    expect(earlier.length).toBeGreaterThan(8);
    const changed = configs.with(2_600, someConfig('key-2600', 'y'));
    const pieces = await configsLine(changed, 'id: 2\ndata: ', '\n', earlier);
    expect(configsIn(pieces, 'id: 2\ndata: ', '\n')).toEqual(changed.map(unpacked));
    expect(newPieces(pieces, earlier)).toHaveLength(3);
    expect(pieces).toHaveLength(earlier.length);
  });

  it.each<[string, (configs: StoredConfig[]) => StoredConfig[]]>([
    ['the first config is removed', (configs) => configs.slice(1)],
    ['the last config is removed', (configs) => configs.slice(0, -1)],
    ['a config is added in front', (configs) => [someConfig('new'), ...configs]],
    ['a config is added at the end', (configs) => [...configs, someConfig('new')]],
    [
      'configs are added in the middle',
      (configs) => configs.toSpliced(2_600, 0, ...someConfigs(700)),
    ],
    ['configs are removed in the middle', (configs) => configs.toSpliced(2_600, 900)],
    ['everything but one piece is removed', (configs) => configs.slice(1_100, 1_700)],
    ['only the end is left', (configs) => configs.slice(4_000)],
    ['the order is reversed', (configs) => configs.toReversed()],
    ['every second config is removed', (configs) => configs.filter((_, index) => index % 2 === 0)],
    ['nothing is left', () => []],
    ['a config comes twice', (configs) => [...configs, ...configs.slice(1_000, 2_500)]],
  ])('the line is complete when %s', async (_, change) => {
    const configs = someConfigs(5_000);
    const earlier = await configsLine(configs, BEFORE, AFTER);
    const changed = change(configs);
    const pieces = await configsLine(changed, BEFORE, AFTER, earlier);
    expect(configsIn(pieces)).toEqual(changed.map(unpacked));
    const again = await configsLine(configs, BEFORE, AFTER, pieces);
    expect(configsIn(again)).toEqual(configs.map(unpacked));
  });

  it('pieces do not change when they are used again', async () => {
    const configs = someConfigs(5_000);
    const earlier = await configsLine(configs, BEFORE, AFTER);
    const copy = earlier.map((piece) => Buffer.from(piece));
    await configsLine(configs.toSpliced(2_000, 1), BEFORE, AFTER, earlier);
    // `toEqual` would compare megabytes element by element.
    expect(earlier.every((piece, index) => piece.equals(copy[index]!))).toBe(true);
  });

  it('after many random changes, the line is complete and has few pieces', async () => {
    let configs = someConfigs(3_000);
    let pieces = await configsLine(configs, BEFORE, AFTER);
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 200; round++) {
      const at = random(configs.length);
      const added = Array.from({ length: random(4) }, (_, i) => someConfig(`new-${round}-${i}`));
      configs = configs.toSpliced(at, random(4), ...added);
      pieces = await configsLine(configs, BEFORE, AFTER, pieces);
    }
    expect(configsIn(pieces)).toEqual(configs.map(unpacked));
    expect(pieces.length).toBeLessThan(24);
  });

  it('pieces that this function has not returned are ignored', async () => {
    const configs = someConfigs(2_000);
    const foreign = [Buffer.from(',{}'), Buffer.alloc(0)];
    const pieces = await configsLine(configs, BEFORE, AFTER, foreign);
    expect(configsIn(pieces)).toEqual(configs.map(unpacked));
  });
});
