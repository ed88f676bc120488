import type { Config, Contexts, ContextTier } from '../model/index.js';
import { type CompiledValue, ConstantValue } from './compiled-value.js';
import { redactedText } from './redaction.js';

/** Why a read returned its value, with the numbers of the wire format. */
export enum Reason {
  UNKNOWN = 0,
  STATIC = 1,
  TARGETING_MATCH = 2,
  SPLIT = 3,
  DEFAULT = 4,
  ERROR = 5,
}

/**
 * The cell in which telemetry counts the reads of an outcome. Evaluation never touches it.
 *
 * Inherited rather than referenced: an object of its own would cost every read a load from elsewhere in memory.
 */
class ReadCell {
  reads = 0;
  report: string | undefined = undefined;
}

/** One possible result of evaluating a config. All of them are created when the config is compiled. */
export class Outcome extends ReadCell {
  /** Whether {@link constant} is the value, for every read. */
  readonly isConstant: boolean;
  readonly constant: unknown;
  /** Whether all reads are reported alike, because the value is constant, or confidential and thus never reported. */
  readonly isUniform: boolean;

  constructor(
    readonly config: Config,
    readonly value: CompiledValue,
    readonly reason: Reason,
    /** Index of the rule in its list. */
    readonly ruleIndex: number,
    /** Index of the variant among the weighted values, if the rule splits. */
    readonly weightedValueIndex?: number,
    /** Whether the property to split by was missing. */
    readonly hashPropertyMissing = false,
  ) {
    super();
    this.isConstant = value instanceof ConstantValue;
    this.constant = value instanceof ConstantValue ? value.constant : undefined;
    this.isUniform = this.isConstant || value.source.confidential === true;
  }

  /** The replacement for a confidential value; `undefined` if the value itself may be shown. */
  get redaction(): string | undefined {
    const { source } = this.value;
    return source.confidential === true ? redactedText(source) : undefined;
  }

  /** @throws {QuonfigError} if the value cannot be resolved */
  resolve(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    decryptionPath: readonly string[] = [],
  ): unknown {
    return this.isConstant ? this.constant : this.value.resolve(call, base, decryptionPath);
  }
}
