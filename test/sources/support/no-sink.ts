import type { SourceSink } from '../../../lib/sources/source-sink.js';

/** A sink that drops everything, to be spread into one that listens to some of it. */
export const NO_SINK: SourceSink = {
  received: async () => 'equal',
  unchanged: () => undefined,
  failed: () => undefined,
  changed: () => undefined,
};
