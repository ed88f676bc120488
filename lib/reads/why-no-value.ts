import type { Snapshot } from '../store/index.js';
import {
  noConfigHasKey,
  noConfigsYet,
  noRuleApplies,
  noRules,
  noRulesForEnvironment,
} from './reads.messages.js';

/** Says why a key has no value, and what to do. */
export function whyNoValue(
  snapshot: Snapshot | undefined,
  key: string,
  suggestion: string | undefined,
): string {
  if (snapshot === undefined) return noConfigsYet();
  const config = snapshot.find(key)?.source;
  if (config === undefined) return noConfigHasKey(suggestion);
  const name = snapshot.environment;
  const { environment } = config;
  if (environment?.id === name && environment.rules?.length) return noRuleApplies(name);
  return config.default?.rules?.length ? noRulesForEnvironment(name) : noRules(name);
}
