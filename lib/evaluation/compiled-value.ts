import type { QuonfigError } from '../errors/index.js';
import type { ConfigValue, Contexts, ContextTier } from '../model/index.js';

/** The value of a rule or variant, ready to be resolved. */
export interface CompiledValue {
  readonly source: ConfigValue;
  /**
   * Returns the value for a read.
   *
   * @param decryptionPath keys of the configs that are being decrypted and need this value; detects cycles
   * @throws {QuonfigError} if the value cannot be resolved
   */
  resolve(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    decryptionPath: readonly string[],
  ): unknown;
  /**
   * Returns the string that {@link resolve} converts: stored, provided or decrypted. `undefined` if something else is stored.
   *
   * @throws {QuonfigError} if the value cannot be resolved
   */
  string(call: Contexts | undefined, base: ContextTier | undefined): string | undefined;
}

/** A value that is the same for every read. */
export class ConstantValue implements CompiledValue {
  constructor(
    readonly source: ConfigValue,
    readonly constant: unknown,
  ) {}

  resolve(): unknown {
    return this.constant;
  }

  string(): string | undefined {
    const { value } = this.source;
    return typeof value === 'string' ? value : undefined;
  }
}

/** An unusable value: reads that resolve to it fail, and nothing else does. */
export class FailingValue implements CompiledValue {
  constructor(
    readonly source: ConfigValue,
    private readonly error: QuonfigError,
  ) {}

  resolve(): never {
    throw this.error;
  }

  string(): never {
    throw this.error;
  }
}
