import { AsyncLocalStorage } from 'node:async_hooks';
import { QuonfigError } from '../errors/index.js';
import { CompiledConfig, type EvaluationScope } from '../evaluation/index.js';
import type { Config, StoredConfig, ValueType } from '../model/index.js';
import { notOverridable } from './overrides.messages.js';

/** What the overrides of a snapshot are made from. */
export interface OverridableConfigs extends EvaluationScope {
  stored(key: string): StoredConfig | undefined;
}

/** The overrides of one function, over those around it. */
interface Scope {
  readonly owner: ReadOverrides;
  readonly configs: ReadonlyMap<string, CompiledConfig>;
  readonly outer: Scope | undefined;
  /** Aborted once they no longer apply. */
  readonly signal: AbortSignal | undefined;
}

/** One for all services: Node keeps every storage that was ever used. */
const scopes = new AsyncLocalStorage<Scope | undefined>();

/** Runs an action without any overrides: what it starts outlives the function that has them. */
export function withoutOverrides<T>(action: () => T): T {
  return scopes.getStore() === undefined ? action() : scopes.run(undefined, action);
}

/** Values that take precedence over all configs, for what one function starts. */
export class ReadOverrides {
  /** The config that replaces the one of a key here. */
  find(key: string): CompiledConfig | undefined {
    for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
      if (scope.owner !== this || scope.signal?.aborted) continue;
      const config = scope.configs.get(key);
      if (config !== undefined) return config;
    }
    return undefined;
  }

  /**
   * Runs an action with overrides, over those around it.
   *
   * @throws {QuonfigError} `invalid_override`: there is no such key, or the value has another type
   */
  run<T>(
    values: Readonly<Record<string, unknown>>,
    snapshot: OverridableConfigs | undefined,
    action: () => T,
    signal?: AbortSignal,
  ): T {
    const configs = new Map<string, CompiledConfig>();
    for (const [key, value] of Object.entries(values)) {
      const config = snapshot?.find(key)?.source;
      const compiled = config && snapshot && overriding(config, value, snapshot);
      if (compiled === undefined) throw new QuonfigError('invalid_override', notOverridable(key));
      configs.set(key, compiled);
    }
    return scopes.run({ owner: this, configs, outer: scopes.getStore(), signal }, action);
  }
}

/** A config that has one value for everybody; `undefined` if the value has another type. */
function overriding(
  { key, type, valueType }: Config,
  value: unknown,
  scope: EvaluationScope,
): CompiledConfig | undefined {
  if (type === 'segment' || type === 'log_level' || !fits(value, valueType)) return undefined;
  const rules = [{ criteria: [], value: { type: valueType, value: structuredClone(value) } }];
  const compiled = new CompiledConfig({ key, type, valueType, default: { rules } }, scope);
  const { constant } = compiled;
  if (constant?.isConstant !== true) return undefined;
  // Telemetry reports an outcome at its first read: this one is no result of the config, so it must never be reported.
  constant.reads = 1;
  return compiled;
}

function fits(value: unknown, valueType: ValueType): boolean {
  switch (valueType) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return Number.isSafeInteger(value);
    case 'double':
      return Number.isFinite(value);
    case 'string_list':
      return Array.isArray(value) && value.every((element) => typeof element === 'string');
    case 'json':
      return typeof value !== 'string' && value !== undefined;
    default:
      return typeof value === 'string';
  }
}
