import type { QuonfigError } from '../errors/index.js';
import type { ConfigValue, Contexts, ContextTier } from '../model/index.js';

/** The value of a rule or variant, ready to be handed out. */
export interface CompiledValue {
  readonly source: ConfigValue;
  /**
   * The value as reads see it.
   *
   * @param decryptionPath keys of the configs whose values are being decrypted with this one
   * @throws QuonfigError when it cannot be resolved
   */
  resolve(
    call: Contexts | undefined,
    base: ContextTier | undefined,
    decryptionPath: readonly string[],
  ): unknown;
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
}

/** A value that cannot be used: reads that come to it fail, everything else works. */
export class FailingValue implements CompiledValue {
  constructor(
    readonly source: ConfigValue,
    private readonly error: QuonfigError,
  ) {}

  resolve(): unknown {
    throw this.error;
  }
}
