import type { EvaluationHost } from '../evaluation/index.js';
import type { LoadedEnvelope } from '../model/index.js';
import type { ResolvedOptions } from '../options/index.js';
import { Snapshot } from '../store/index.js';

/** Creates the snapshot of an envelope. `origin` names its source in messages. */
export type ToSnapshot = (envelope: LoadedEnvelope, origin: string) => Promise<Snapshot>;

/** Returns a factory of snapshots that use the clock, environment variables and random source of this process. */
export function toSnapshotWith(
  { random }: ResolvedOptions,
  warnOnce: (message: string) => void,
): ToSnapshot {
  const host: EvaluationHost = {
    now: () => Date.now(),
    random,
    env: (name) => process.env[name],
    warnOnce,
  };
  return (envelope, origin) => Snapshot.fromEnvelope(envelope, origin, host);
}
