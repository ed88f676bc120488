import {
  alwaysMatches,
  type CompiledConfig,
  isFixed,
  possibleOutcomes,
  readsOnlyContexts,
} from '../evaluation/index.js';
import { LOGGING_CONTEXT } from '../model/index.js';
import { LOG_LEVELS, logLevelNumber } from './log-levels.js';

/** What is known about the levels of all loggers before any rule is evaluated. */
export interface LevelPlan {
  /** No logger has a level below this one: messages below it are never logged. */
  readonly lowest: number;
  /** No logger has a level above this one: messages from it upwards are always logged. */
  readonly highest: number;
  /** Whether the level of a logger depends on its path alone, so that it can be remembered. */
  readonly pathDecides: boolean;
  /** Whether it stays the same as long as the path and the contexts do. */
  readonly contextsDecide: boolean;
}

/** The plan without a config, where every logger has the same level. */
export function fixedPlan(level: number): LevelPlan {
  return { lowest: level, highest: level, pathDecides: true, contextsDecide: true };
}

/** @param defaultLevel applies where the config supplies no level */
export function levelPlan(config: CompiledConfig, defaultLevel: number): LevelPlan {
  const pathDecides = readsOnlyContexts(config, LOGGING_CONTEXT);
  const contextsDecide = readsOnlyContexts(config);
  const outcomes = possibleOutcomes(config);
  if (!outcomes.every(isFixed)) {
    return { lowest: LOG_LEVELS.trace, highest: LOG_LEVELS.fatal, pathDecides, contextsDecide };
  }
  const levels = outcomes.map(({ constant }) => logLevelNumber(constant) ?? defaultLevel);
  if (!alwaysMatches(config)) levels.push(defaultLevel);
  return { lowest: Math.min(...levels), highest: Math.max(...levels), pathDecides, contextsDecide };
}
