import { InvalidConfigError } from '../errors/index.js';
import {
  type Config,
  type ConfigValue,
  type Contexts,
  type ContextTier,
  isJsonObject,
  parseNumber,
} from '../model/index.js';
import type { CompiledValue } from './compiled-value.js';
import { hashPropertyMissing } from './evaluation.messages.js';
import type { EvaluationHost } from './host.js';
import { PrefixedMurmur3 } from './murmur3.js';
import { Outcome, Reason } from './outcome.js';
import { type PropertyPath, propertyPath, contextNamed, ownProperty } from './property.js';
import { stringOf } from './string-form.js';

const MAX_HASH = 4_294_967_295;

interface Variant {
  readonly outcome: Outcome;
  /** The outcome for contexts without the property to split by. */
  readonly outcomeWithoutProperty: Outcome;
  /** Sum of the weights up to and including this one. */
  readonly cumulativeWeight: number;
}

/** How a variant was picked, for traces. */
export interface SplitTrace {
  readonly hashByPropertyName?: string;
  readonly hash?: number;
  readonly fraction: number;
  readonly threshold: number;
}

/** Splits reads among weighted variants: by the hash of a property, or at random if none is named. */
export class Split {
  private readonly variants: Variant[] = [];
  private readonly total: number;
  private readonly murmur3: PrefixedMurmur3;
  private readonly path: PropertyPath | undefined;

  /** @throws {InvalidConfigError} `invalid_config` if the weighted values are unusable */
  constructor(
    private readonly config: Config,
    ruleIndex: number,
    source: ConfigValue,
    private readonly host: EvaluationHost,
    compile: (value: ConfigValue, index: number) => CompiledValue,
  ) {
    const { key } = config;
    const { weightedValues, hashByPropertyName } = weightedValuesOf(key, source);
    const weights = weightedValues.map((entry) => weightOf(key, entry));
    this.total = weights.reduce((sum, weight) => sum + weight, 0);
    let cumulativeWeight = 0;
    weightedValues.forEach((entry, index) => {
      cumulativeWeight += weights[index]!;
      // A variant of weight 0 is never picked, unless all weights are 0: then the first variant always is.
      if (this.total === 0 ? index > 0 : weights[index] === 0) return;
      const value = compile(variantValue(key, entry), index);
      this.variants.push({
        outcome: new Outcome(config, value, Reason.SPLIT, ruleIndex, index),
        outcomeWithoutProperty: new Outcome(config, value, Reason.SPLIT, ruleIndex, index, true),
        cumulativeWeight,
      });
    });
    this.murmur3 = new PrefixedMurmur3(key);
    this.path = hashByPropertyName ? propertyPath(hashByPropertyName) : undefined;
    this.hashByPropertyName = hashByPropertyName || undefined;
  }

  readonly hashByPropertyName: string | undefined;

  /** The outcomes of all variants. */
  get outcomes(): Outcome[] {
    return this.variants.flatMap((variant) => [variant.outcome, variant.outcomeWithoutProperty]);
  }

  /** Whether picking a variant reads one context, or any context without a name, and nothing else. */
  readsOnly(context = this.path?.context): boolean {
    return this.path !== undefined && this.path.context === context;
  }

  /** Returns `undefined` if there are no variants. */
  pick(call: Contexts | undefined, base: ContextTier | undefined): Outcome | undefined {
    if (this.path === undefined) return this.variantAt(this.host.random())?.outcome;
    const input = this.hashInput(call, base);
    const variant = this.variantAt((this.murmur3.hashOf(input ?? '') >>> 0) / MAX_HASH);
    if (input !== undefined) return variant?.outcome;
    this.host.warnOnce(hashPropertyMissing(this.config.key, this.hashByPropertyName!));
    return variant?.outcomeWithoutProperty;
  }

  /** Returns the value to split by as a string; `undefined` if it is missing. */
  hashInput(call: Contexts | undefined, base: ContextTier | undefined): string | undefined {
    if (this.path === undefined) return undefined;
    try {
      return stringOf(
        ownProperty(contextNamed(this.path.context, call, base, this.host), this.path.property),
      );
    } catch {
      return undefined;
    }
  }

  trace(call: Contexts | undefined, base: ContextTier | undefined): SplitTrace | undefined {
    if (this.path === undefined) return undefined;
    const hash = this.murmur3.hashOf(this.hashInput(call, base) ?? '') >>> 0;
    const fraction = hash / MAX_HASH;
    return {
      hashByPropertyName: this.hashByPropertyName!,
      hash,
      fraction,
      threshold: fraction * this.total,
    };
  }

  private variantAt(fraction: number): Variant | undefined {
    const threshold = fraction * this.total;
    const variants = this.variants;
    for (let i = 0; i < variants.length; i++) {
      const variant = variants[i]!;
      if (variant.cumulativeWeight >= threshold) return variant;
    }
    return variants.at(-1);
  }
}

function weightedValuesOf(
  key: string,
  source: ConfigValue,
): { weightedValues: unknown[]; hashByPropertyName: string | undefined } {
  const weighted = source.value;
  if (!isJsonObject(weighted) || !Array.isArray(weighted['weightedValues'])) {
    throw new InvalidConfigError(key, 'its weighted values are not a list');
  }
  const property = weighted['hashByPropertyName'];
  return {
    weightedValues: weighted['weightedValues'],
    hashByPropertyName: typeof property === 'string' ? property : undefined,
  };
}

function weightOf(key: string, entry: unknown): number {
  const stored = isJsonObject(entry) ? entry['weight'] : undefined;
  const weight = typeof stored === 'string' ? parseNumber(stored) : stored;
  if (typeof weight !== 'number' || !(weight >= 0) || weight === Infinity) {
    throw new InvalidConfigError(key, 'a weight is not a number of 0 or more');
  }
  return weight;
}

function variantValue(key: string, entry: unknown): ConfigValue {
  const value = isJsonObject(entry) ? entry['value'] : undefined;
  if (!isJsonObject(value) || typeof value['type'] !== 'string') {
    throw new InvalidConfigError(key, 'a weighted entry has no value');
  }
  return value as unknown as ConfigValue;
}
