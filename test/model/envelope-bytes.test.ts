import { describe, expect, it } from 'vitest';
import {
  configsLine,
  envelopeBytes,
  loadedEnvelope,
  packConfig,
  parseEnvelope,
} from '../../lib/model/index.js';
import { constant } from '../support/configs.js';

const META = { version: 'v1', environment: 'production', generation: 7 };

describe('an envelope as bytes', () => {
  it.each([0, 1, 3, 5_000])('%d configs are unchanged after writing and parsing', async (count) => {
    const configs = Array.from({ length: count }, (_, index) =>
      constant(`key-${index}`, 'string', `wörd "${index}" `.repeat(10)),
    );
    // Half of them packed, as the network delivers them.
    const stored = configs.map((config, index) => (index % 2 === 0 ? config : packConfig(config)));
    const { configs: given, meta } = loadedEnvelope(stored as never, META);
    const pieces: Buffer[] = [];
    for await (const piece of envelopeBytes(given, meta)) pieces.push(piece);
    expect(JSON.parse(Buffer.concat(pieces).toString())).toEqual({ configs, meta: META });
    expect(await parseEnvelope(pieces)).toHaveProperty('meta', META);
  });
});

describe('the configs of an envelope as one line', () => {
  it.each([0, 1, 3, 5_000])('%d configs become one line between two strings', async (count) => {
    const configs = Array.from({ length: count }, (_, index) =>
      constant(`key-${index}`, 'string', `wörd\n"${index}" `.repeat(10)),
    );
    const pretty = (config: object) => () => Buffer.from(JSON.stringify(config, null, 2));
    const stored = configs.map((config, index) =>
      index % 2 === 0 ? config : packConfig(config, pretty(config)),
    );
    const { configs: given } = loadedEnvelope(stored as never, META);
    const line = (await configsLine(given, 'data: "ä" ', ' after\n')).toString();
    expect(line).toMatch(/^data: "ä" \[.*\] after\n$/);
    expect(JSON.parse(line.slice('data: "ä" '.length, -' after\n'.length))).toEqual(configs);
  });

  it('the configs themselves keep their line breaks', async () => {
    const bytes = Buffer.from(JSON.stringify(constant('key', 'string', 'value'), null, 2));
    const before = Buffer.from(bytes);
    const packed = packConfig(JSON.parse(bytes.toString()), () => bytes);
    await configsLine(loadedEnvelope([packed] as never, META).configs, '', '');
    expect(bytes.equals(before)).toBe(true);
  });
});
