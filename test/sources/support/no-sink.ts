import type { SourceSink } from '../../../lib/sources/source-sink.js';

/** A sink that ignores everything. Spread it into a sink that handles some of it. */
export const NO_SINK: SourceSink = {
  received: async () => 'equal',
  unchanged: () => undefined,
  failed: () => undefined,
  changed: () => undefined,
};
