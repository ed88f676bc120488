import { type Envelope, type LoadedEnvelope, unpackConfig } from '../../lib/model/index.js';

/** Converts a loaded envelope to plain objects. */
export function unpackedEnvelope(loaded: LoadedEnvelope | undefined): Envelope {
  return { configs: loaded!.configs.map(unpackConfig), meta: loaded!.meta };
}
