import { TestValueError } from '../errors/index.js';
import type { CompiledConfig } from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { LayeredStore } from '../store/index.js';
import { ConfigReads, type ReadSettings } from './config-reads.js';
import type { ReadResult } from './finished-read.js';
import { ambiguousRead, wrongTypeRead } from './in-memory-reads.messages.js';
import { StrictUnknownKeys } from './strict-unknown-keys.js';
import { UnknownKeys } from './unknown-keys.js';

/** Which reads throw that would fall back to a default, `false` or an error code. */
export interface Strictness {
  readonly unknownKeys: boolean;
  readonly types: boolean;
}

const BOOLEAN_WORDS = /^(true|false|1|0|t|f|yes|no|y|n)$/i;

/** Reads of a {@link LayeredStore}. */
export class InMemoryReads extends ConfigReads {
  constructor(
    private readonly layers: LayeredStore,
    settings: ReadSettings,
    private readonly strict: Strictness,
  ) {
    const unknown = strict.unknownKeys ? StrictUnknownKeys : UnknownKeys;
    super(layers, settings, undefined, new unknown(layers, settings));
    // Types are checked when a read is emitted.
    if (strict.types) this.feed.reads$.subscribe();
  }

  override find(key: string): CompiledConfig | undefined {
    this.layers.failIfAmbiguous(key, (name) => new TestValueError(name, ambiguousRead));
    const config = super.find(key);
    if (config === undefined && this.strict.unknownKeys) this.unknownKeys.report(key);
    return config;
  }

  override emit(
    key: string,
    call: Contexts | null | undefined,
    base: ContextTier | undefined,
    result: ReadResult,
  ): void {
    super.emit(key, call, base, result);
    const type = this.strict.types ? mismatchedType(result) : undefined;
    if (type !== undefined) {
      const declared = result.outcome?.config.valueType ?? this.find(key)?.source.valueType;
      throw new TestValueError(key, wrongTypeRead(declared, type));
    }
  }
}

/** The type that the getter wanted, if a value of another type made it return a default, a guess or an error code. */
function mismatchedType({ value, evaluated, details, error }: ReadResult): string | undefined {
  if (details !== undefined) {
    return details.errorCode === 'TYPE_MISMATCH' ? 'another one' : undefined;
  }
  if (error !== undefined || evaluated === undefined) return undefined;
  if (typeof value === 'boolean' && typeof evaluated !== 'boolean') {
    return typeof evaluated === 'string' && BOOLEAN_WORDS.test(evaluated) ? undefined : 'a boolean';
  }
  // Only the getter for lists replaces a value by its default.
  const wantsList = !Array.isArray(evaluated) && (Array.isArray(value) || value === undefined);
  return wantsList ? 'a list of strings' : undefined;
}
