import { closestName } from 'nestjs-quonfig';
import { Ajv, Ajv2020, type ErrorObject, type ValidateFunction } from '../json-schema/ajv.js';
import {
  isJsonObject,
  type JsonObject,
  ruleValuesOf,
  valuesOf,
  variantsOf,
} from '../workspace/document-parts.js';
import { type JsonPath, pathOfPointer } from '../workspace/json-path.js';
import { withoutRepetitions, type Document, type Finding } from './finding.js';

/** More mistakes in one value are rarely worth reading. */
const MAX_MISTAKES = 3;

/** A schema of the workspace. */
interface Schema {
  readonly document: Document;
  /** The JSON Schema; `undefined` if it is written in another language, such as Zod. */
  readonly schema: unknown;
  readonly at: JsonPath;
}

/** Finds schemas that do not compile, and JSON values that do not follow the schema of their document. */
export function jsonValueFindings(
  configs: readonly Document[],
  schemaDocuments: readonly Document[],
): Finding[] {
  const findings: Finding[] = [];
  const validators = new Map<string, ValidateFunction | undefined>();
  for (const { document, schema, at } of schemaDocuments.map(schemaOf)) {
    const { key, file } = document;
    let validate: ValidateFunction | undefined;
    try {
      validate = schema === undefined ? undefined : compile(schema);
    } catch (error) {
      const message = `The schema does not compile: ${(error as Error).message}.`;
      findings.push({ rule: 'invalid-schema', path: file.path, at, message });
    }
    if (key !== undefined) validators.set(key, validate);
  }
  for (const document of configs) findings.push(...findingsOf(document, validators));
  return findings;
}

/** Returns the schema in a document: the file itself, or the value of a document that wraps it. */
function schemaOf(document: Document): Schema {
  const { content } = document;
  if (!isWrapped(content)) return { document, schema: content, at: [] };
  for (const { part, at } of ruleValuesOf(content)) {
    const { value } = part;
    if (!isJsonObject(value)) continue;
    const { schemaType, schema } = value;
    const place = [...at, 'value', 'schema'];
    if (typeof schemaType === 'string' && !/json/i.test(schemaType)) break;
    return { document, schema: typeof schema === 'string' ? parsed(schema) : schema, at: place };
  }
  return { document, schema: undefined, at: [] };
}

/** Whether a file in `schemas` is a document with a schema as its value, and not a JSON Schema itself. */
export function isWrapped(content: Document['content']): boolean {
  return content['type'] === 'schema' && typeof content['key'] === 'string';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No schema compiles from a string, which is the finding.
    return text;
  }
}

function compile(schema: unknown): ValidateFunction {
  if (typeof schema !== 'boolean' && !isJsonObject(schema)) {
    throw new Error('it is neither an object nor a boolean');
  }
  // Formats are annotations in draft 2020-12. `strict` would refuse keywords that the drafts allow.
  const options = {
    allErrors: true,
    strict: false,
    validateFormats: false,
    logger: false,
  } as const;
  const ajv = isDraft7(schema) ? new Ajv(options) : new Ajv2020(options);
  return ajv.compile(schema);
}

function isDraft7(schema: boolean | JsonObject): boolean {
  const draft = typeof schema === 'object' ? schema['$schema'] : undefined;
  if (draft === undefined) return false;
  if (typeof draft === 'string' && /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/.test(draft))
    return true;
  if (draft === 'https://json-schema.org/draft/2020-12/schema') return false;
  throw new Error('its "$schema" is neither draft 2020-12 nor draft 07');
}

function findingsOf(
  { file: { path }, content }: Document,
  validators: ReadonlyMap<string, ValidateFunction | undefined>,
): Finding[] {
  const { schemaKey } = content;
  if (typeof schemaKey !== 'string') return [];
  if (!validators.has(schemaKey)) {
    const meant = closestName(schemaKey, validators.keys());
    const remedy = meant === undefined ? 'Add it, or correct the key.' : `Did you mean "${meant}"?`;
    const message = `There is no schema ${JSON.stringify(schemaKey)}, so JSON values are not checked. ${remedy}`;
    return [{ rule: 'unknown-schema', path, at: ['schemaKey'], message }];
  }
  const validate = validators.get(schemaKey);
  if (validate === undefined) return [];
  const findings = [...valuesOf(content), ...variantsOf(content)].flatMap(({ part, at }) => {
    if (part['type'] !== 'json' || validate(part['value'])) return [];
    return validate.errors!.slice(0, MAX_MISTAKES).map((error): Finding => {
      const place = [...at, 'value', ...pathOfPointer(error.instancePath)];
      const message = `The value does not follow the schema "${schemaKey}": ${problemOf(error)}.`;
      return { rule: 'schema-mismatch', path, at: place, message };
    });
  });
  return withoutRepetitions(findings);
}

function problemOf({ message, params, keyword }: ErrorObject): string {
  const name =
    keyword === 'additionalProperties' ? ` (${String(params['additionalProperty'])})` : '';
  return `${message ?? keyword}${name}`;
}
