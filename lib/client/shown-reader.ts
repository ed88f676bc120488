import type { ContextTier } from '../model/index.js';
import type { Snapshot } from '../store/index.js';

/** Returns what JSON and `inspect` show of a reader. The properties of contexts are personal data, so it has only their names. */
export function shownReader(current: Snapshot | undefined, tier: ContextTier | undefined): object {
  const { version = null, environment = null } = current ?? {};
  const contexts = new Set<string>();
  for (let from = tier; from !== undefined; from = from.outer) {
    for (const name of Object.keys(from.contexts)) contexts.add(name);
  }
  return { version, environment, contexts: [...contexts] };
}
