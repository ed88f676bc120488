import {
  type Config,
  type ConfigValue,
  type Contexts,
  type ContextTier,
  deepFreeze,
  isJsonObject,
} from '../model/index.js';
import type { CompiledConfig } from './compiled-config.js';
import { type Outcome, Reason } from './outcome.js';

/**
 * A matched value before it is resolved.
 *
 * @publicApi
 */
export interface RawConfig {
  /** Key of the config. */
  key: string;
  /** Type of the matched value, before resolution. */
  type: ConfigValue['type'];
  /** The matched value as stored. */
  value: unknown;
  /** Whether traces and telemetry redact the value. */
  confidential?: boolean;
  /** Where the value comes from. */
  metadata: {
    /** Position of the matched rule, from 0. */
    configRowIndex: number;
    /** Always 0; part of the wire format. */
    conditionalValueIndex: number;
    /** Position of the picked variant, from 0; absent for values that are not weighted. */
    weightedValueIndex?: number;
    /** What the config is for. */
    type: Config['type'];
    /** Id of the config. */
    id?: string;
    /** The type that the config declares. */
    valueType: Config['valueType'];
  };
  /** What resolving the value requires. */
  dependencies?: RawDependency[];
}

/**
 * Something that resolving the value would require: a key config or an environment variable.
 *
 * @publicApi
 */
export interface RawDependency {
  /** A key config that decrypts the value, or an environment variable that provides it. */
  dependencyType: 'decryptWith' | 'providedBy';
  /** Key of the config or name of the variable. */
  source: string;
  /** The raw match of the key config. */
  config?: RawConfig;
}

/**
 * The result of a raw match, for servers that forward configs.
 *
 * @publicApi
 */
export interface RawMatch {
  /** The matched value. */
  config: RawConfig;
}

/** Maximum length of a chain of key configs; no real chain is longer. */
const MAX_CHAIN = 20;

/**
 * Evaluates without resolving: reads no environment variables and decrypts nothing.
 *
 * @throws {InvalidConfigError} `invalid_config` if the config cannot be evaluated
 */
export function rawMatchOf(
  config: CompiledConfig,
  call: Contexts | undefined,
  base: ContextTier | undefined,
  find: (key: string) => CompiledConfig | undefined,
): RawMatch | undefined {
  const raw = (from: CompiledConfig, path: readonly string[]): RawConfig | undefined => {
    const outcome = from.match(call, base);
    if (outcome === undefined) return undefined;
    if (outcome.reason === Reason.ERROR) {
      // A config that cannot be evaluated throws its error; such a key config counts as missing.
      if (path.length === 0) outcome.resolve(call, base);
      return undefined;
    }
    return rawConfigOf(from.source, outcome, (keyName) => {
      const known = [...path, from.source.key];
      const usable = !known.includes(keyName) && known.length < MAX_CHAIN;
      const keyConfig = usable ? find(keyName) : undefined;
      return keyConfig && raw(keyConfig, known);
    });
  };
  const found = raw(config, []);
  return found && { config: found };
}

function rawConfigOf(
  { id, key, type, valueType }: Config,
  outcome: Outcome,
  rawKeyConfig: (key: string) => RawConfig | undefined,
): RawConfig {
  const value = outcome.value.source;
  const dependencies = dependenciesOf(value, rawKeyConfig);
  return {
    key,
    type: value.type,
    value: deepFreeze(value.value),
    ...(value.confidential !== undefined && { confidential: value.confidential }),
    metadata: {
      configRowIndex: outcome.ruleIndex,
      conditionalValueIndex: 0,
      ...(outcome.weightedValueIndex !== undefined && {
        weightedValueIndex: outcome.weightedValueIndex,
      }),
      type,
      ...(id !== undefined && { id }),
      valueType,
    },
    ...(dependencies.length > 0 && { dependencies }),
  };
}

function dependenciesOf(
  value: ConfigValue,
  rawKeyConfig: (key: string) => RawConfig | undefined,
): RawDependency[] {
  const dependencies: RawDependency[] = [];
  if (value.type === 'provided' && isJsonObject(value.value)) {
    const lookup = value.value['lookup'];
    if (typeof lookup === 'string') {
      dependencies.push({ dependencyType: 'providedBy', source: lookup });
    }
  }
  if (value.decryptWith) {
    const config = rawKeyConfig(value.decryptWith);
    // A key config that is missing or part of a cycle is useless as a dependency, so it is left out.
    if (config) {
      dependencies.push({ dependencyType: 'decryptWith', source: value.decryptWith, config });
    }
  }
  return dependencies;
}
