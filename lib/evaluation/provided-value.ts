import { InvalidConfigError, MissingEnvVarError } from '../errors/index.js';
import { type ConfigValue, isJsonObject } from '../model/index.js';
import { coerceText, type ValueOwner } from './coerce.js';
import type { CompiledValue } from './compiled-value.js';
import type { EvaluationHost } from './host.js';

/** A value that an environment variable holds. The variable is read each time; its text is coerced once. */
export class ProvidedValueReader implements CompiledValue {
  private readonly variable: string;
  private last: { text: string; value: unknown } | undefined;

  /** @throws InvalidConfigError when the value does not say which variable */
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
        'its value is provided by a source other than ENV_VAR, which this library cannot read',
      );
    }
    this.variable = provided['lookup'];
  }

  text(): string {
    const text = this.host.env(this.variable);
    if (text === undefined) throw new MissingEnvVarError(this.owner.key, this.variable);
    return text;
  }

  resolve(): unknown {
    const text = this.text();
    if (this.last?.text !== text) {
      this.last = { text, value: coerceText(this.owner, text, this.variable) };
    }
    return this.last.value;
  }
}
