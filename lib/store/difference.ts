import { inSlices, PackedConfig, sameJson, type StoredConfig, unpacked } from '../model/index.js';
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

/** Whether nothing differs; works in slices that let the event loop turn. */
export async function sameContent(before: Snapshot, after: Snapshot): Promise<boolean> {
  let same = before.size === after.size && before.environment === after.environment;
  if (!same) return false;
  await inSlices(after.keys(), (key) => {
    same &&= changeOf(key, before, after) === undefined;
  });
  return same;
}

export function keysOfBoth(before: Snapshot | undefined, after: Snapshot): Set<string> {
  return new Set([...(before?.keys() ?? []), ...after.keys()]);
}
