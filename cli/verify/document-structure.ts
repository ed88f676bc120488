import { createRequire } from 'node:module';
import { closestName } from 'nestjs-quonfig';
import { Ajv, type ErrorObject, type ValidateFunction } from '../json-schema/ajv.js';
import { type JsonPath, pathOfPointer, valueAt } from '../workspace/json-path.js';
import type { WorkspaceFile } from '../workspace/workspace-files.js';
import type { Finding } from './finding.js';
import { RULES, type RuleId } from './rules.js';

/** What the JSON Schemas of this package say beside the standard: a rule of `verify`, and a message for people. */
interface Annotations {
  readonly 'x-rule'?: string;
  readonly errorMessage?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Fields that Quonfig's own tools write beside those of the JSON Schema. */
const TOOL_FIELDS = ['projectId', 'draftId', 'readyForCleanup', 'schemaUsageMode'];

const require = createRequire(import.meta.url);

/** Checks documents against the JSON Schemas of this package, which editors use too. */
export class DocumentStructure {
  private readonly document = compile('document');
  private readonly settings = compile('quonfig');
  private readonly fields = Object.keys((this.document.schema as Annotations).properties!);

  /** Finds what is wrong with the structure of a config, flag, segment, log level or wrapped schema. */
  ofDocument(file: WorkspaceFile): Finding[] {
    return [...findingsOf(this.document, file), ...this.misspelledFields(file)];
  }

  /** Finds what is wrong with the structure of `quonfig.json`. */
  ofSettings(file: WorkspaceFile): Finding[] {
    return findingsOf(this.settings, file);
  }

  /** The schema allows unknown fields at the top, because other tools may add some. */
  private misspelledFields({ path, content }: WorkspaceFile): Finding[] {
    const known = [...this.fields, ...TOOL_FIELDS];
    return Object.keys(content as object).flatMap((field): Finding[] => {
      if (known.includes(field)) return [];
      const meant = closestName(field, this.fields);
      if (meant === undefined) return [];
      const message = `The field ${JSON.stringify(field)} is ignored. Did you mean "${meant}"?`;
      return [{ rule: 'unknown-field', path, at: [field], on: 'name', message }];
    });
  }
}

function compile(name: string): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true });
  return ajv.compile(require(`nestjs-quonfig/schemas/${name}.schema.json`) as object);
}

function findingsOf(validate: ValidateFunction, { path, content }: WorkspaceFile): Finding[] {
  if (validate(content)) return [];
  return validate.errors!.flatMap((error) => {
    // Repeats the errors of its branches.
    if (error.keyword === 'if') return [];
    const { 'x-rule': rule, errorMessage } = error.parentSchema as Annotations;
    const own = placeOf(error);
    return [
      {
        rule: rule !== undefined && rule in RULES ? (rule as RuleId) : 'document-structure',
        path,
        ...own,
        message:
          errorMessage ?? messageOf(error, valueAt(content, pathOfPointer(error.instancePath))),
      },
    ];
  });
}

function placeOf({ keyword, instancePath, params }: ErrorObject): {
  at: JsonPath;
  on?: 'name';
} {
  const at = pathOfPointer(instancePath);
  if (keyword !== 'additionalProperties') return { at };
  return { at: [...at, String(params['additionalProperty'])], on: 'name' };
}

function messageOf(
  { keyword, params, parentSchema, instancePath }: ErrorObject,
  value: unknown,
): string {
  const name = instancePath === '' ? 'The document' : `"${pathOfPointer(instancePath).at(-1)}"`;
  switch (keyword) {
    case 'required':
      return missingMessage(String(params['missingProperty']), value);
    case 'additionalProperties': {
      const field = String(params['additionalProperty']);
      const known = Object.keys((parentSchema as Annotations).properties ?? {});
      return `The field ${JSON.stringify(field)} is unknown. ${suggestion(field, known)}`;
    }
    case 'enum': {
      const allowed = (params['allowedValues'] as unknown[]).map(String);
      if (typeof value !== 'string') return `${name} is one of: ${allowed.join(', ')}.`;
      return `${name} is ${JSON.stringify(value)}, which is unknown. ${suggestion(value, allowed)}`;
    }
    case 'type':
      return `${name} must be ${withArticle(String(params['type']))}, but is ${kindOf(value)}.`;
    case 'minLength':
      return `${name} must not be empty.`;
    case 'uniqueItems':
      return `${name} contains the same entry twice.`;
    default:
      return `${name} is invalid.`;
  }
}

function missingMessage(field: string, value: unknown): string {
  const { operator } = (value ?? {}) as { operator?: unknown };
  if (typeof operator === 'string' && field === 'propertyName') {
    return `${operator} compares a property: add "propertyName", such as "user.key".`;
  }
  if (typeof operator === 'string' && field === 'valueToMatch') {
    return `${operator} compares with a value: add "valueToMatch".`;
  }
  return `The field "${field}" is missing.`;
}

function suggestion(written: string, known: readonly string[]): string {
  const meant = closestName(written, known);
  return meant === undefined ? `Expected: ${known.join(', ')}.` : `Did you mean "${meant}"?`;
}

function withArticle(type: string): string {
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : withArticle(typeof value);
}
