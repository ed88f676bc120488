import type { EnvelopeMeta } from './envelope.js';
import { PackedConfig, type StoredConfig } from './packed-config.js';
import { inSlices } from './slices.js';

const COMMA = Buffer.from(',');

/** Returns an envelope as UTF-8 JSON; packed configs keep their bytes. Yields to the event loop between slices. */
export async function envelopeBytes(
  configs: Iterable<StoredConfig>,
  meta: EnvelopeMeta,
): Promise<Buffer> {
  const parts: Buffer[] = [Buffer.from('{"configs":[')];
  await inSlices(configs, (config) => {
    if (parts.length > 1) parts.push(COMMA);
    parts.push(config instanceof PackedConfig ? config.bytes : Buffer.from(JSON.stringify(config)));
  });
  parts.push(Buffer.from(`],"meta":${JSON.stringify(meta)}}`));
  return Buffer.concat(parts);
}
