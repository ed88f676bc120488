import {
  type Config,
  inSlices,
  type LoadedEnvelope,
  PackedConfig,
  sameJson,
  type StoredConfig,
  unpacked,
} from '../model/index.js';
import type { Snapshot } from './snapshot.js';

export interface Difference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export type Change = keyof Difference;

/** How one key differs between two snapshots; the one before may not exist. */
export function changeOf(
  key: string,
  before: Snapshot | undefined,
  after: Snapshot,
): Change | undefined {
  const old = before?.stored(key);
  const current = after.stored(key);
  if (old === undefined) return current === undefined ? undefined : 'added';
  if (current === undefined) return 'removed';
  const sameEnvironment = before?.environment === after.environment;
  if (sameEnvironment && sameText(old, current)) return undefined;
  const config = unpacked(current);
  // The rules of another environment count even when the configs are the same.
  if (!sameEnvironment && config.environment) return 'changed';
  return sameJson(unpacked(old), config) ? undefined : 'changed';
}

function sameText(one: StoredConfig, other: StoredConfig): boolean {
  return one instanceof PackedConfig && other instanceof PackedConfig && one.hasTextOf(other);
}

/** All keys that differ. */
export function differenceBetween(before: Snapshot | undefined, after: Snapshot): Difference {
  const difference = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
  for (const key of keysOfBoth(before, after)) {
    const change = changeOf(key, before, after);
    if (change !== undefined) difference[change].push(key);
  }
  return difference;
}

/**
 * The envelope with the held configs in place of those that are the same: what compares the two sets later need look at
 * the others only. Works in slices, too.
 */
export async function withHeld(envelope: LoadedEnvelope, held: Snapshot): Promise<LoadedEnvelope> {
  const configs: StoredConfig[] = [];
  await inSlices(envelope.configs, (config) => {
    // Nobody has looked yet whether it is a config at all.
    const old = held.stored((config as Config | null)?.key as string);
    configs.push(old !== undefined && sameJson(unpacked(old), unpacked(config)) ? old : config);
  });
  return { configs, meta: envelope.meta };
}

/** Whether nothing differs; works in slices that let the event loop turn. */
export async function sameContent(before: Snapshot, after: Snapshot): Promise<boolean> {
  let same = before.size === after.size && before.environment === after.environment;
  if (!same) return false;
  await inSlices(after.keys(), (key) => {
    same &&= changeOf(key, before, after) === undefined;
  });
  return same;
}

/** Those of the set before that are gone come last. */
export function keysOfBoth(before: Snapshot | undefined, after: Snapshot): string[] {
  const keys = after.keys();
  for (const key of before?.keys() ?? []) {
    if (after.stored(key) === undefined) keys.push(key);
  }
  return keys;
}
