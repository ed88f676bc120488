import type { ConfigType, ValueType } from 'nestjs-quonfig';
import { isRecord, type JsonRecord, listIn, recordIn } from '../documents/documents.js';
import { typeOfValues } from './inferred-type.js';
import { placeholdersIn } from './placeholders.js';
import { typeOfSchema } from './schema-type.js';
import { quoted } from './source-text.js';
import {
  BOOLEAN,
  literal,
  NUMBER,
  STRING,
  STRINGS,
  type TypeShape,
  unionOf,
  UNKNOWN,
} from './type-shape.js';

/** A config as code needs it: its type and what to say about it. */
export interface TypedConfig {
  readonly key: string;
  readonly type: ConfigType;
  readonly valueType: ValueType;
  readonly shape: TypeShape;
  /** The `{{placeholders}}` of a string, by name; empty if there are none. */
  readonly placeholders: readonly string[];
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly readyForCleanup: boolean;
  /** Absolute path of its file; absent for a live environment. */
  readonly file: string | undefined;
}

/** A document of a workspace, or a config as delivered. Nothing about its content is certain. */
export interface SourceDocument {
  readonly content: JsonRecord;
  readonly file?: string;
  readonly name?: string;
  readonly isSchema?: boolean;
}

const VALUE_TYPES = new Map<unknown, TypeShape>([
  ['bool', BOOLEAN],
  ['string', STRING],
  ['int', NUMBER],
  ['double', NUMBER],
  ['duration', NUMBER],
  ['string_list', STRINGS],
]);

const TYPES = new Set<unknown>(['config', 'feature_flag', 'log_level']);

/**
 * The configs, flags and log levels that have a rule, sorted by key. Code does not read segments and schemas, and a config
 * without rules has no value.
 */
export function typedConfigs(documents: readonly SourceDocument[]): TypedConfig[] {
  const schemas = schemasOf(documents);
  const configs = new Map<string, TypedConfig>();
  for (const document of documents) {
    const config = document.isSchema === true ? undefined : typedConfig(document, schemas);
    if (config !== undefined) configs.set(config.key, config);
  }
  return [...configs.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

function typedConfig(
  { content, file }: SourceDocument,
  schemas: ReadonlyMap<unknown, unknown>,
): TypedConfig | undefined {
  const { key, type, valueType, schemaKey, name, description } = content;
  if (typeof key !== 'string' || !TYPES.has(type)) return undefined;
  const values = storedValues(content);
  if (values.length === 0) return undefined;
  return {
    key,
    type: type as ConfigType,
    valueType: valueType as ValueType,
    shape: shapeOf(valueType, values, schemas.get(schemaKey)),
    placeholders: valueType === 'string' ? placeholdersIn(plainStrings(values)) : [],
    name: typeof name === 'string' ? name : undefined,
    description: typeof description === 'string' ? description : undefined,
    readyForCleanup: content['readyForCleanup'] === true,
    file,
  };
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** The names of all levels, spelled as this workspace spells them: a read returns a level as stored. */
function levelNames(values: readonly JsonRecord[]): TypeShape {
  const stored = values.map(({ value }) => String(value));
  const lower = stored.some(isLower) ? LEVELS : [];
  const upper = stored.every(isLower) ? [] : LEVELS.map((level) => level.toUpperCase());
  return unionOf([...lower, ...upper].map((level) => literal(quoted(level))));
}

const isLower = (text: string): boolean => text === text.toLowerCase();

function shapeOf(valueType: unknown, values: readonly JsonRecord[], schema: unknown): TypeShape {
  if (valueType === 'log_level') return levelNames(values);
  if (valueType !== 'json') return VALUE_TYPES.get(valueType) ?? UNKNOWN;
  if (schema !== undefined) return typeOfSchema(schema);
  // The content of an encrypted value or of an environment variable is not in the workspace.
  const isKnown = values.every((value) => value['type'] === 'json' && !('decryptWith' in value));
  return isKnown ? typeOfValues(values.map((value) => value['value'])) : UNKNOWN;
}

/** The values of all rules of all environments; those of the variants for a weighted value. */
function storedValues(content: JsonRecord): JsonRecord[] {
  const environments = content['environments'] ?? content['environment'] ?? [];
  const rules = [content['default'], environments].flat().flatMap((set) => listIn(set, 'rules'));
  return valuesIn(rules).flatMap((value) =>
    value['type'] === 'weighted_values'
      ? valuesIn(listIn(value['value'], 'weightedValues'))
      : [value],
  );
}

function valuesIn(list: readonly unknown[]): JsonRecord[] {
  return list.map((each) => recordIn(each, 'value')).filter((value) => value !== undefined);
}

function plainStrings(values: readonly JsonRecord[]): string[] {
  return values.flatMap(({ type, value, decryptWith }) =>
    type === 'string' && decryptWith === undefined && typeof value === 'string' ? value : [],
  );
}

/** JSON Schemas by key: files that are one, and documents that hold one. Schemas in another language are left out. */
function schemasOf(documents: readonly SourceDocument[]): Map<unknown, unknown> {
  const schemas = new Map<unknown, unknown>();
  for (const { content, name, isSchema } of documents) {
    if (content['type'] === 'schema') {
      const [rule] = listIn(content['default'], 'rules');
      const schema = jsonSchema(recordIn(recordIn(rule, 'value'), 'value'));
      if (schema !== undefined) schemas.set(content['key'], schema);
    } else if (isSchema === true) {
      schemas.set(name, content);
    }
  }
  return schemas;
}

function jsonSchema(held: JsonRecord | undefined): JsonRecord | undefined {
  if (held === undefined || held['schemaType'] === 'ZOD') return undefined;
  const { schema } = held;
  if (isRecord(schema)) return schema;
  try {
    const parsed: unknown = JSON.parse(String(schema));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
