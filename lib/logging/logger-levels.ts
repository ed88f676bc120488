import { type CompiledRule, isDecided, narrowedRules, type Outcome } from '../evaluation/index.js';
import { type Contexts, type ContextTier, LOGGING_CONTEXT } from '../model/index.js';
import type { ConfigReads } from '../reads/config-reads.js';
import { desiredLevelUnknown } from '../reads/reads.messages.js';
import { fixedPlan, type LevelPlan, levelPlan } from './level-plan.js';
import { type LogLevel, logLevelNumber } from './log-levels.js';
import { noLoggerKey } from './logging.messages.js';

/** Bounds the memory for paths, for an application that makes them from its requests. */
const MAX_PATHS = 1_000;
const MAX_PATH_LENGTH = 200;

/** What is remembered of a logger path, until the next install. */
interface KnownPath {
  /** Made once, because a new object per message would cost more than the evaluation. */
  readonly contexts: Contexts;
  /** The rules that the path leaves open; absent if the config uses segments. */
  readonly rules: readonly CompiledRule[] | undefined;
  /** The level; `undefined` if rules read more than the path. */
  level: number | undefined;
  /** The level for the contexts of the last message, if it was evaluated for them. */
  lastLevel: number;
  lastContexts: number;
}

/** Where the contexts of a read come from. */
export interface TierSource {
  readonly current: ContextTier | undefined;
}

/**
 * The current levels of all loggers, for the hot path of a logging library. The config of the option `loggerKey`
 * decides, and a check allocates no memory. A level is remembered per path until the next install if it depends on the
 * path alone, and otherwise until the contexts change, as with the next request.
 *
 * @example
 * ```ts
 * const levels = quonfig.loggerLevels({ defaultLevel: 'info' });
 * if (levels.isEnabled('CartService', 'debug')) write(details);
 * ```
 *
 * @publicApi
 */
export class LoggerLevels {
  private readonly paths = new Map<string, KnownPath>();
  /** The view of the store that the plan and the levels are for. The snapshot itself would stay in memory. */
  private install = -1;
  private plan: LevelPlan;
  /** The contexts of the last message: the same object as long as they stay the same. */
  private lastTier: ContextTier | undefined;
  /** Counts how often they changed. */
  private tierChanges = 0;

  /** @internal Use `loggerLevels()`. */
  constructor(
    private readonly reads: ConfigReads,
    private readonly tiers: TierSource,
    private readonly defaultLevel: number,
  ) {
    this.plan = fixedPlan(defaultLevel);
  }

  /**
   * Returns whether to log a message. Never throws.
   *
   * @param loggerPath name of the logger, e.g. a class name; rules match it as `quonfig-sdk-logging.key`
   * @param level level of the message, by name or number. An unknown level is logged
   */
  isEnabled(loggerPath: string, level: LogLevel | number): boolean {
    const desired = logLevelNumber(level);
    if (desired !== undefined) return this.allows(loggerPath, desired);
    this.reads.settings.warnOnce(desiredLevelUnknown(level));
    return true;
  }

  /** @internal Like `isEnabled`, with the number of a level. */
  allows(loggerPath: string, desired: number): boolean {
    try {
      return this.decide(loggerPath, desired);
    } catch {
      return desired >= this.defaultLevel;
    }
  }

  private decide(loggerPath: string, desired: number): boolean {
    if (this.install !== this.reads.store.view) this.startInstall();
    const { lowest, highest } = this.plan;
    if (desired >= highest) return true;
    if (desired < lowest) return false;
    const path = this.paths.get(loggerPath) ?? this.remember(loggerPath);
    return (path.level ?? this.currentLevel(path)) <= desired;
  }

  private startInstall(): void {
    const { reads, defaultLevel } = this;
    // First, because a warning about the config may come back here through the logger.
    this.install = reads.store.view;
    this.plan = fixedPlan(defaultLevel);
    this.paths.clear();
    const { loggerKey } = reads.settings;
    if (loggerKey === undefined) {
      reads.settings.warnOnce(noLoggerKey());
      return;
    }
    // Not through the reads, which may throw in a test.
    const config = reads.store.find(loggerKey);
    if (config === undefined) reads.unknownKeys.warnOnce(loggerKey);
    else this.plan = levelPlan(config, defaultLevel);
  }

  private remember(loggerPath: string): KnownPath {
    const { reads, paths, plan } = this;
    const contexts: Contexts = { [LOGGING_CONTEXT]: { key: loggerPath } };
    const config = reads.store.find(reads.settings.loggerKey!);
    const rules = config && narrowedRules(config, LOGGING_CONTEXT, contexts);
    const decided = plan.pathDecides || (rules !== undefined && isDecided(rules));
    const path: KnownPath = {
      contexts,
      rules,
      level: undefined,
      lastLevel: 0,
      lastContexts: -1,
    };
    reads.recordContexts(contexts, undefined);
    if (decided) path.level = this.evaluate(path, undefined);
    if (paths.size >= MAX_PATHS) paths.clear();
    if (loggerPath.length <= MAX_PATH_LENGTH) paths.set(loggerPath, path);
    return path;
  }

  /** The level for the current contexts. Most messages of a request share them with the one before. */
  private currentLevel(path: KnownPath): number {
    const tier = this.tiers.current;
    if (tier !== this.lastTier) {
      this.lastTier = tier;
      this.tierChanges++;
    }
    const { plan, tierChanges } = this;
    if (plan.contextsDecide && path.lastContexts === tierChanges) return path.lastLevel;
    path.lastLevel = this.evaluate(path, tier);
    // Last, because the evaluation may come back here: `redactContext` may log.
    path.lastContexts = tierChanges;
    return path.lastLevel;
  }

  private evaluate({ contexts, rules }: KnownPath, tier: ContextTier | undefined): number {
    const { reads, defaultLevel } = this;
    try {
      // Without the path, which is recorded already: like other reads of a request, recorded once for all of them.
      reads.recordContexts(undefined, tier);
      const outcome =
        rules === undefined
          ? reads.find(reads.settings.loggerKey!)?.match(contexts, tier)
          : firstOutcome(rules, contexts, tier);
      if (outcome === undefined) return defaultLevel;
      const value = outcome.isConstant ? outcome.constant : outcome.resolve(contexts, tier);
      return logLevelNumber(value) ?? defaultLevel;
    } catch {
      return defaultLevel;
    }
  }
}

function firstOutcome(
  rules: readonly CompiledRule[],
  contexts: Contexts,
  tier: ContextTier | undefined,
): Outcome | undefined {
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!;
    if (rule.matchesCarefully(contexts, tier, undefined)) return rule.pick(contexts, tier);
  }
  return undefined;
}
