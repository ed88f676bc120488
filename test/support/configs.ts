import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type Config,
  type ConfigType,
  type ConfigValue,
  type Contexts,
  type Criterion,
  type Envelope,
  type EnvelopeMeta,
  type QuonfigModuleExtras,
  type QuonfigModuleOptions,
  QuonfigService,
  type Rule,
  type RuleValueType,
  type ValueType,
} from '../../lib/index.js';
import { RecordingLogger } from './recording-logger.js';
import { temporaryDirectory } from './workspace.js';

/** A value of a rule. */
export function value(
  type: RuleValueType,
  stored: unknown,
  more: Partial<ConfigValue> = {},
): ConfigValue {
  return { type, value: stored, ...more };
}

/** A criterion; without `match` it has no `valueToMatch`. */
export function when(operator: string, propertyName?: string, match?: unknown): Criterion {
  return {
    operator,
    ...(propertyName !== undefined && { propertyName }),
    ...(match !== undefined && { valueToMatch: { type: 'string', value: match } }),
  };
}

export function inSegment(key: string): Criterion {
  return when('IN_SEG', undefined, key);
}

export function notInSegment(key: string): Criterion {
  return when('NOT_IN_SEG', undefined, key);
}

export const always: Criterion = { operator: 'ALWAYS_TRUE' };

export function rule(stored: ConfigValue, ...criteria: Criterion[]): Rule {
  return { criteria, value: stored };
}

export const yes = value('bool', true);
export const no = value('bool', false);

/** A config with default rules only. */
export function config(
  key: string,
  valueType: ValueType,
  rules: Rule[],
  type: ConfigType = 'config',
): Config {
  return { id: `id-of-${key}`, key, type, valueType, default: { rules } };
}

/** A config with the same value for everybody. */
export function constant(key: string, type: ValueType, stored: unknown): Config {
  return config(key, type, [rule(value(type, stored))]);
}

/** A flag that is true when all criteria hold, and false otherwise. */
export function flagWhen(key: string, ...criteria: Criterion[]): Config {
  return config(key, 'bool', [rule(yes, ...criteria), rule(no)], 'feature_flag');
}

/** A segment of those for whom all criteria hold; for others no rule matches. */
export function segment(key: string, ...criteria: Criterion[]): Config {
  return config(key, 'bool', [rule(yes, ...criteria)], 'segment');
}

export interface Variant {
  weight: unknown;
  value: ConfigValue;
}

/** A value that is split among variants. */
export function split(variants: Variant[], hashByPropertyName?: string): ConfigValue {
  return value('weighted_values', {
    weightedValues: variants,
    ...(hashByPropertyName !== undefined && { hashByPropertyName }),
  });
}

export function envelope(configs: unknown[], meta: Partial<EnvelopeMeta> = {}): Envelope {
  return {
    configs: configs as Config[],
    meta: { version: 'v1', environment: 'production', ...meta },
  };
}

type Options = Partial<QuonfigModuleOptions & QuonfigModuleExtras>;

/** Creates a service with these configs that closes with the test; its logger is silent by default. */
export async function serviceOf(
  configs: unknown[],
  options: Options = {},
): Promise<QuonfigService> {
  return serviceWith({ datafile: envelope(configs), logger: new RecordingLogger(), ...options });
}

/** Creates a service that closes with the test. */
export async function serviceWith(options: QuonfigModuleOptions): Promise<QuonfigService> {
  const service = await QuonfigService.create(options);
  onTestFinished(() => service.close());
  return service;
}

/** A file with an envelope, in its own temporary directory, which is removed after the test. */
export class EnvelopeFile {
  readonly path = join(temporaryDirectory(), 'envelope.json');
  private versions = 0;

  /** @param ofTest whether the file is removed after the test; outside of a test, call `remove()` */
  constructor(configs: unknown[], ofTest = true) {
    this.set(configs);
    if (ofTest) onTestFinished(() => this.remove());
  }

  remove(): void {
    rmSync(dirname(this.path), { recursive: true, force: true });
  }

  set(configs: unknown[]): void {
    this.write(JSON.stringify(envelope(configs, { version: `v${++this.versions}` })));
  }

  write(text: string): void {
    writeFileSync(this.path, text);
  }
}

/** Whether a flag with this single criterion is on. */
export async function holds(criterion: Criterion, contexts?: Contexts): Promise<boolean> {
  return (await serviceOf([flagWhen('flag', criterion)])).isEnabled('flag', contexts);
}

/** Sets environment variables, or unsets them, until the test ends. */
export function setEnv(variables: Record<string, string | undefined>): void {
  for (const [name, text] of Object.entries(variables)) {
    const before = process.env[name];
    assignEnv(name, text);
    onTestFinished(() => assignEnv(name, before));
  }
}

function assignEnv(name: string, text: string | undefined): void {
  if (text === undefined) delete process.env[name];
  else process.env[name] = text;
}

/** Returns what a function throws. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
