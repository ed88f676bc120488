import { type Envelope, type LoadedEnvelope, unpackConfig } from '../../lib/model/index.js';

/** What was loaded, as an envelope of plain objects. */
export function unpackedEnvelope(loaded: LoadedEnvelope | undefined): Envelope {
  return { configs: loaded!.configs.map(unpackConfig), meta: loaded!.meta };
}
