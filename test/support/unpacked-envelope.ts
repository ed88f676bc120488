import { type Envelope, type LoadedEnvelope, unpacked } from '../../lib/model/index.js';

/** What was loaded, as an envelope of plain objects. */
export function unpackedEnvelope(loaded: LoadedEnvelope | undefined): Envelope {
  return { configs: loaded!.configs.map(unpacked), meta: loaded!.meta };
}
