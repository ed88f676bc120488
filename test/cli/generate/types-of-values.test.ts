import { describe, expect, it } from 'vitest';
import { typeOfValues } from '../../../cli/generate/inferred-type.js';
import { typeOfSchema } from '../../../cli/generate/schema-type.js';
import { printType } from '../../../cli/generate/type-shape.js';

const inferred = (...values: unknown[]): string => printType(typeOfValues(values), '');
const described = (schema: unknown): string => printType(typeOfSchema(schema), '');

describe('types that are inferred from JSON values', () => {
  it.each([
    [[1], 'number'],
    [[true, false], 'boolean'],
    [['a', null], 'string | null'],
    [[[]], 'readonly unknown[]'],
    [[[1, 'a']], 'readonly (number | string)[]'],
    [[[1], ['a']], 'readonly (number | string)[]'],
    [[{}], 'object'],
    [[{ b: 1, a: 'x' }], '{ readonly a: string; readonly b: number }'],
    [[{ 'a-b': [true] }], "{ readonly 'a-b': readonly boolean[] }"],
  ])('%j', (values, type) => {
    expect(inferred(...values)).toBe(type);
  });

  it('values with different properties become a union, in which every property can be read', () => {
    expect(inferred({ a: 1 }, { a: 2, b: 'x' }, { a: 3 })).toBe(
      '{ readonly a: number; readonly b: string } | { readonly a: number; readonly b?: undefined }',
    );
  });

  it('the order of values and properties makes no difference', () => {
    expect(inferred({ a: 1 }, 'x', { b: [1] })).toBe(inferred({ b: [2] }, { a: 5 }, 'y'));
  });

  it('objects in a list become one type, with optional properties', () => {
    expect(inferred([{ a: 1 }, { a: 2, b: { c: 1 } }, { a: 1, b: { d: '' } }])).toBe(
      'readonly { readonly a: number; readonly b?: { readonly c?: number; readonly d?: string } }[]',
    );
  });

  it('many shapes become one with optional properties', () => {
    const values = Array.from({ length: 20 }, (_, index) => ({ id: index, [`p${index}`]: true }));
    const type = inferred(...values);
    expect(type).toContain('readonly id: number;');
    expect(type).toContain('readonly p19?: boolean;');
    expect(type).not.toContain('|');
  });

  it('values that are nested too deeply end in unknown', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 5_000; depth++) value = [value];
    expect(inferred(value)).toContain('unknown');
  });
});

describe('types from JSON Schemas', () => {
  it.each([
    [true, 'unknown'],
    [{}, 'unknown'],
    [false, 'never'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ enum: ['b', 'a', 3, null] }, "'a' | 'b' | 3 | null"],
    [{ const: "it's" }, String.raw`'it\'s'`],
    [{ type: 'array', items: { type: 'string' } }, 'readonly string[]'],
    [{ type: 'array' }, 'readonly unknown[]'],
    [
      {
        type: 'array',
        minItems: 2,
        prefixItems: [{ type: 'string' }, { type: 'number' }],
        items: false,
      },
      'readonly [string, number]',
    ],
    [{ items: [{ type: 'string' }], minItems: 1 }, 'readonly [string, ...unknown[]]'],
    [{ prefixItems: [{ type: 'string' }], items: false }, 'readonly string[]'],
    [{ type: 'object' }, '{ readonly [key: string]: unknown }'],
    [{ additionalProperties: { type: 'number' } }, '{ readonly [key: string]: number }'],
    [
      { required: ['a'], properties: { a: { type: 'string' }, b: {} } },
      '{ readonly a: string; readonly b?: unknown }',
    ],
    [
      { properties: { a: { type: 'string' } }, additionalProperties: { type: 'number' } },
      '{ readonly a?: string; readonly [key: string]: number | string | undefined }',
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'number | string'],
    [
      { allOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
      '{ readonly a?: unknown } & { readonly b?: unknown }',
    ],
    [
      { $defs: { id: { type: 'string' } }, type: 'array', items: { $ref: '#/$defs/id' } },
      'readonly string[]',
    ],
    [{ $ref: 'https://example.com/other.json' }, 'unknown'],
    [{ $ref: '#/__proto__/constructor' }, 'unknown'],
  ])('%j', (schema, type) => {
    expect(described(schema)).toBe(type);
  });

  it('a schema that refers to itself ends in unknown', () => {
    expect(
      described({
        properties: { value: { type: 'string' }, next: { $ref: '#' } },
        required: ['value'],
      }),
    ).toBe(
      '{\n  readonly next?: { readonly next?: unknown; readonly value: string };\n  readonly value: string;\n}'
        .replaceAll(/\n */g, ' ')
        .replace('; }', ' }'),
    );
  });

  it('a schema whose references grow exponentially is cut off as unknown', () => {
    const $defs: Record<string, unknown> = { d30: { type: 'string' } };
    for (let index = 0; index < 30; index++) {
      const next = { $ref: `#/$defs/d${index + 1}` };
      $defs[`d${index}`] = { type: 'object', properties: { a: next, b: next } };
    }
    expect(described({ $ref: '#/$defs/d0', $defs })).toContain('unknown');
  });

  it('the descriptions of properties become comments', () => {
    expect(described({ properties: { a: { type: 'number', description: 'Ends */ here' } } })).toBe(
      '{\n  /** Ends *\\/ here */\n  readonly a?: number;\n}',
    );
  });
});
