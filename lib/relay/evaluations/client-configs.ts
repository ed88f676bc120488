import { setImmediate } from 'node:timers/promises';
import type { BoundQuonfig, Config, Contexts, Rule, StoredValue } from '../../index.js';

/** An evaluated config, as browser and mobile clients receive it. */
export interface Evaluation {
  readonly value: { readonly type: string; readonly value: unknown };
  readonly configId?: string;
  readonly configType: string;
  readonly valueType: string;
  /** 1 static, 2 targeting match, 3 split. */
  readonly reason: 1 | 2 | 3;
  readonly ruleIndex: number;
  readonly weightedValueIndex?: number;
}

/** How long to work before the event loop has a turn, in ms. */
const SLICE_MS = 5;

/**
 * The configs of one envelope that clients may see: flags, and configs with `sendToClientSdk`. Configs with a confidential,
 * encrypted or provided value are not among them: a browser cannot keep a secret, and the environment variables are those of
 * the relay.
 */
export class ClientConfigs {
  private constructor(
    private readonly quonfig: BoundQuonfig,
    /** By key, whether the rules depend on contexts. */
    private readonly targeted: ReadonlyMap<string, boolean>,
  ) {}

  /** Finds the configs, yielding to the event loop between slices. */
  static async of(quonfig: BoundQuonfig): Promise<ClientConfigs> {
    const targeted = new Map<string, boolean>();
    await inSlices(quonfig.keys(), (key) => {
      const hasTargets = targetingOf(quonfig.rawConfig(key));
      if (hasTargets !== undefined) targeted.set(key, hasTargets);
    });
    return new ClientConfigs(quonfig, targeted);
  }

  /** Evaluates the configs, yielding to the event loop between slices. Without a match, a config is absent. */
  async evaluate(contexts: Contexts): Promise<Record<string, Evaluation>> {
    // Keys are authors' strings, and may be names such as `__proto__`.
    const evaluations = Object.create(null) as Record<string, Evaluation>;
    await inSlices(this.targeted.keys(), (key) => {
      const evaluation = this.evaluateOne(key, contexts);
      if (evaluation !== undefined) evaluations[key] = evaluation;
    });
    return evaluations;
  }

  private evaluateOne(key: string, contexts: Contexts): Evaluation | undefined {
    const matched = matchOf(this.quonfig, key, contexts);
    if (matched === undefined) return undefined;
    const { type, metadata } = matched;
    const value = clientValue(matched);
    if (value === undefined) return undefined;
    const { configRowIndex: ruleIndex, weightedValueIndex } = metadata;
    const isStatic = ruleIndex === 0 && this.targeted.get(key) !== true;
    return {
      value: { type, value },
      ...(metadata.id !== undefined && { configId: metadata.id }),
      configType: metadata.type,
      valueType: metadata.valueType,
      reason: weightedValueIndex !== undefined ? 3 : isStatic ? 1 : 2,
      ruleIndex,
      ...(weightedValueIndex !== undefined && { weightedValueIndex }),
    };
  }
}

type Matched = NonNullable<ReturnType<BoundQuonfig['getRawMatch']>>['config'];

/** A config that cannot be evaluated is absent, like one that does not match: clients use their defaults. */
function matchOf(quonfig: BoundQuonfig, key: string, contexts: Contexts): Matched | undefined {
  try {
    return quonfig.getRawMatch(key, contexts)?.config;
  } catch {
    return undefined;
  }
}

/** Numbers and booleans may be stored as strings; clients expect JSON numbers and booleans. */
function clientValue({ type, value }: Matched): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'string') return value;
  if (type === 'bool') return value === 'true';
  if (type !== 'int' && type !== 'double') return value;
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number) ? number : undefined;
}

/**
 * Returns whether the rules depend on contexts; `undefined` if clients may not see the config. A malformed one, which nothing
 * says is public, does not keep them from the others.
 */
function targetingOf(config: Readonly<Config> | undefined): boolean | undefined {
  try {
    return config !== undefined && isForClients(config) ? isTargeted(config) : undefined;
  } catch {
    return undefined;
  }
}

function isForClients(config: Readonly<Config>): boolean {
  const visible = config.type === 'feature_flag' || config.sendToClientSdk === true;
  if (!visible || config.type === 'segment' || config.type === 'schema') return false;
  return rulesOf(config).every(({ value }) => isPublic(value));
}

function isPublic(stored: StoredValue): boolean {
  const { type, value, confidential, decryptWith } = stored;
  if (confidential || decryptWith !== undefined || type === 'provided') return false;
  if (type !== 'weighted_values') return true;
  const { weightedValues } = value as { weightedValues?: readonly { value: StoredValue }[] };
  return Array.isArray(weightedValues) && weightedValues.every((each) => isPublic(each.value));
}

function isTargeted(config: Readonly<Config>): boolean {
  const criteria = rulesOf(config).flatMap((rule) => rule.criteria ?? []);
  return criteria.some(({ operator }) => operator !== 'ALWAYS_TRUE');
}

function rulesOf({ default: rules, environment }: Readonly<Config>): Rule[] {
  return [...(environment?.rules ?? []), ...(rules?.rules ?? [])];
}

async function inSlices<T>(items: Iterable<T>, act: (item: T) => void): Promise<void> {
  let end = performance.now() + SLICE_MS;
  for (const item of items) {
    act(item);
    if (performance.now() < end) continue;
    await setImmediate();
    end = performance.now() + SLICE_MS;
  }
}
