import { InvalidConfigError, MissingEnvVarError } from '../errors/index.js';
import { type ConfigValue, isJsonObject } from '../model/index.js';
import { coerceString, type ValueOwner } from './coerce.js';
import type { CompiledValue } from './compiled-value.js';
import type { EvaluationHost } from './host.js';

/** The value of an environment variable. The variable is read each time, but coerced again only after a change. */
export class ProvidedValueReader implements CompiledValue {
  private readonly variable: string;
  /** In a private field, where inspection does not reach. */
  #last: { string: string; value: unknown } | undefined;

  /** @throws {InvalidConfigError} `invalid_config` if the value names no environment variable */
  constructor(
    private readonly owner: ValueOwner,
    readonly source: ConfigValue,
    private readonly host: EvaluationHost,
  ) {
    const provided = source.value;
    if (!isJsonObject(provided) || typeof provided['lookup'] !== 'string') {
      throw new InvalidConfigError(owner.key, 'a provided value names no environment variable');
    }
    const origin = provided['source'] ?? 'ENV_VAR';
    if (origin !== 'ENV_VAR') {
      throw new InvalidConfigError(
        owner.key,
        'its value is provided by a source other than ENV_VAR, which the SDK cannot read',
      );
    }
    this.variable = provided['lookup'];
  }

  string(): string {
    const string = this.host.env(this.variable);
    if (string === undefined) throw new MissingEnvVarError(this.owner.key, this.variable);
    return string;
  }

  resolve(): unknown {
    const string = this.string();
    if (this.#last?.string !== string) {
      this.#last = { string, value: coerceString(this.owner, string, this.variable) };
    }
    return this.#last.value;
  }
}
