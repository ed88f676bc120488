import { describe, expect, it } from 'vitest';
import { envelopeBytes, loadedEnvelope, packConfig, parseEnvelope } from '../../lib/model/index.js';
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
