import {
  type Config,
  inSlices,
  type LoadedEnvelope,
  loadedEnvelope,
  PackedConfig,
  sameJson,
  type StoredConfig,
  unpackConfig,
} from '../model/index.js';
import type { Snapshot } from './snapshot.js';

export interface Difference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export type Change = keyof Difference;

/** Returns how one key changed between two snapshots, or `undefined` if it did not. `before` is missing on the first install. */
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
  // Comparing bytes first spares parsing: most configs did not change.
  if (sameEnvironment && sameBytes(old, current)) return undefined;
  const config = unpackConfig(current);
  // With another environment, equal rules are still the rules of another environment.
  if (!sameEnvironment && config.environment) return 'changed';
  return sameJson(unpackConfig(old), config) ? undefined : 'changed';
}

function sameBytes(one: StoredConfig, other: StoredConfig): boolean {
  return one instanceof PackedConfig && other instanceof PackedConfig && one.hasSameBytes(other);
}

/** Returns all keys that changed. */
export function differenceBetween(before: Snapshot | undefined, after: Snapshot): Difference {
  const difference = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
  for (const key of keysOfBoth(before, after)) {
    const change = changeOf(key, before, after);
    if (change !== undefined) difference[change].push(key);
  }
  return difference;
}

/**
 * Replaces configs that equal a current one by that current one. A later comparison of the two then finds the same object
 * and parses nothing. Yields to the event loop between slices.
 */
export async function reuseUnchanged(
  envelope: LoadedEnvelope,
  current: Snapshot,
): Promise<LoadedEnvelope> {
  const configs: StoredConfig[] = [];
  await inSlices(envelope.configs, (config) => {
    // Not validated yet: it may be anything.
    const old = current.stored((config as Config | null)?.key as string);
    configs.push(
      old !== undefined && sameJson(unpackConfig(old), unpackConfig(config)) ? old : config,
    );
  });
  return loadedEnvelope(configs, envelope.meta);
}

/** Whether no key changed. Yields to the event loop between slices. */
export async function sameContent(before: Snapshot, after: Snapshot): Promise<boolean> {
  let same = before.size === after.size && before.environment === after.environment;
  if (!same) return false;
  await inSlices(after.keys(), (key) => {
    same &&= changeOf(key, before, after) === undefined;
  });
  return same;
}

/** Returns the keys of both snapshots; removed ones come last. */
export function keysOfBoth(before: Snapshot | undefined, after: Snapshot): string[] {
  const keys = after.keys();
  for (const key of before?.keys() ?? []) {
    if (after.stored(key) === undefined) keys.push(key);
  }
  return keys;
}
