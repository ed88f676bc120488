import { isDeepStrictEqual } from 'node:util';
import { parseDuration } from 'nestjs-quonfig';
import { type Part, valuesOf, variantsOf } from '../workspace/document-parts.js';
import type { Document, Finding } from './finding.js';

/** Types of values that resolve to one of the declared type. */
const INDIRECT: readonly unknown[] = ['weighted_values', 'provided', 'schema'];
const DECLARED: readonly unknown[] = [
  'bool',
  'int',
  'double',
  'string',
  'json',
  'string_list',
  'duration',
  'log_level',
];
const INTEGER_LIKE = /^(?:0|[1-9][0-9]*)$/;

/** Finds values that do not fit the type or the variants of their document, or that cannot be read. */
export function valueFindings({ file: { path }, content }: Document): Finding[] {
  const { type, valueType } = content;
  const variants = variantsOf(content);
  const values = valuesOf(content);
  const findings: Finding[] = [];
  for (const value of [...values, ...variants]) {
    const { part, at } = value;
    if (type !== 'schema' && !fitsType(part, valueType)) {
      const message = `The value has the type ${JSON.stringify(part['type'])}, but "valueType" is ${JSON.stringify(valueType)}. Correct one of them.`;
      findings.push({ rule: 'value-type', path, at: [...at, 'type'], message });
    }
    const problem = contentProblem(value);
    if (problem !== undefined) findings.push({ path, at: [...at, 'value'], ...problem });
  }
  if (variants.length > 0) {
    for (const { part, at } of values) {
      if (INDIRECT.includes(part['type']) || variants.some((variant) => sameValue(variant, part)))
        continue;
      const message = 'The value is not one of the "variants". Add it there, or use one of them.';
      findings.push({ rule: 'variant', path, at: [...at, 'value'], message });
    }
  }
  return findings;
}

function fitsType({ type }: Part['part'], valueType: unknown): boolean {
  // The JSON Schema reports a type that does not exist.
  if (!DECLARED.includes(type) || !DECLARED.includes(valueType)) return true;
  return type === valueType;
}

function sameValue({ part }: Part, other: Part['part']): boolean {
  return part['type'] === other['type'] && isDeepStrictEqual(part['value'], other['value']);
}

function contentProblem({
  part: { type, value },
}: Part): Pick<Finding, 'rule' | 'message'> | undefined {
  switch (type) {
    case 'int':
      if (typeof value !== 'string' || Number.isSafeInteger(Number(value))) return undefined;
      return {
        rule: 'number',
        message:
          'The int is beyond ±(2^53 - 1), which numbers cannot represent exactly. Use a smaller one, or type string.',
      };
    case 'double':
      if (typeof value !== 'string' || Number.isFinite(Number(value))) return undefined;
      return { rule: 'number', message: 'The double is not finite. Use a number up to 1.8e308.' };
    case 'duration':
      if (typeof value !== 'string' || parseDuration(value) !== undefined) return undefined;
      return {
        rule: 'duration',
        message: 'The duration is malformed or longer than P36500D. Write it like "PT1H30M".',
      };
    case 'json':
      if (!hasIntegerKeys(value)) return undefined;
      return {
        rule: 'integer-keys',
        message:
          'An object has integer-like keys, which JavaScript moves before the others. Use a list, or other keys, if the order matters.',
      };
    default:
      return undefined;
  }
}

function hasIntegerKeys(root: unknown): boolean {
  const pending = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node) && Object.keys(node).some((key) => INTEGER_LIKE.test(key)))
      return true;
    for (const value of Object.values(node)) pending.push(value);
  }
  return false;
}
