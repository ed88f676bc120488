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
 * Room that an outcome reserves for whoever counts its reads. Evaluation never touches it: the counter stands here so that
 * recording a read is one increment, without a lookup.
 */
export interface ReadCell {
  reads: number;
  report: string | undefined;
}

/** One possible result of evaluating a config. All of them are created when the config is compiled. */
export class Outcome {
  /** Whether {@link constant} is the value, for every read. */
  readonly isConstant: boolean;
  readonly constant: unknown;
  /** Whether every read may be reported alike: the value is constant, or confidential and never reported. */
  readonly isUniform: boolean;
  readonly cell: ReadCell = { reads: 0, report: undefined };

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
