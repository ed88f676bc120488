import type { Config, Contexts, ContextTier } from '../model/index.js';
import { type CompiledValue, ConstantValue } from './compiled-value.js';
import { redactedText } from './redaction.js';

/** Why a read got its value; the numbers are those of the wire. */
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
  /** Whether every read may be reported alike: the value is constant, or confidential and never reported. */
  readonly isUniform: boolean;

  constructor(
    readonly config: Config,
    readonly value: CompiledValue,
    readonly reason: Reason,
    /** The rule's place in the list that matched. */
    readonly ruleIndex: number,
    /** The variant's place among the weighted values, when one was picked. */
    readonly weightedValueIndex?: number,
    /** The property to split by was missing. */
    readonly hashPropertyMissing = false,
  ) {
    super();
    this.isConstant = value instanceof ConstantValue;
    this.constant = value instanceof ConstantValue ? value.constant : undefined;
    this.isUniform = this.isConstant || value.source.confidential === true;
  }

  /** What is shown in place of the value; `undefined` when the value itself may be. */
  get redaction(): string | undefined {
    const { source } = this.value;
    return source.confidential === true ? redactedText(source) : undefined;
  }

  /** @throws QuonfigError when the value cannot be resolved */
  resolve(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    decryptionPath: readonly string[] = [],
  ): unknown {
    return this.isConstant ? this.constant : this.value.resolve(call, base, decryptionPath);
  }
}
