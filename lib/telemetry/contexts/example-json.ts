import {
  MAX_EXAMPLE_VALUE_CHARACTERS,
  MAX_NAME_CHARACTERS,
  MAX_EXAMPLE_PROPERTIES,
} from '../bounds.js';
import type { ContextProperties } from '../../model/index.js';
import { textWithin } from '../bounded-text.js';
import { MAX_ELEMENTS, MAX_PROPERTIES } from '../bounds.js';

/** A context that is part of an example. */
export interface NamedContext {
  readonly name: string;
  readonly properties: ContextProperties;
}

/**
 * Contexts as JSON text, without brackets around them: a copy, bounded in every direction. What tells whose contexts
 * they are comes first, of all of them, and then the rest in order, as far as there is room. What JSON cannot say is left
 * out; `undefined` when that is all there is.
 */
export function contextsJson(
  contexts: readonly NamedContext[],
  maxLength: number,
): string | undefined {
  const room = new Room(maxLength);
  const texts: ContextText[] = [];
  for (const context of contexts) {
    const text = new ContextText(context, room);
    if (!text.begin()) break;
    texts.push(text);
  }
  for (const text of texts) text.finish();
  return texts.some((text) => !text.isEmpty) ? texts.join() : undefined;
}

/** What may still be written; once something does not fit, nothing more. */
class Room {
  constructor(private left: number) {}

  get isFull(): boolean {
    return this.left <= 0;
  }

  take(length: number): boolean {
    const fits = length <= this.left;
    this.left = fits ? this.left - length : 0;
    return fits;
  }
}

/** The text of one context. Whatever throws in it (a getter, a proxy) counts as absent. */
class ContextText {
  private readonly start: string;
  /** Values by names, both as JSON. */
  private readonly values = new Map<string, string>();

  constructor(
    private readonly context: NamedContext,
    private readonly room: Room,
  ) {
    this.start = `{"type":${JSON.stringify(textWithin(MAX_NAME_CHARACTERS, context.name))},"values":{`;
  }

  get isEmpty(): boolean {
    return this.values.size === 0;
  }

  begin(): boolean {
    if (!this.room.take(this.start.length + '}},'.length)) return false;
    this.write('key');
    this.write('trackingId');
    return true;
  }

  finish(): void {
    let seen = 0;
    try {
      for (const property in this.context.properties) {
        if (
          this.room.isFull ||
          this.values.size >= MAX_EXAMPLE_PROPERTIES ||
          ++seen > MAX_PROPERTIES
        )
          return;
        if (property !== 'key' && property !== 'trackingId') this.write(property);
      }
    } catch {
      // A proxy that does not say what it holds.
    }
  }

  toString(): string {
    const values = [...this.values].map(([name, value]) => `${name}:${value}`);
    return `${this.start}${values.join()}}}`;
  }

  private write(property: string): void {
    const { properties } = this.context;
    try {
      if (!Object.prototype.hasOwnProperty.call(properties, property)) return;
      const name = JSON.stringify(textWithin(MAX_NAME_CHARACTERS, property));
      const value = this.valueJson(properties[property], name.length + ':,'.length);
      if (value !== undefined) this.values.set(name, value);
    } catch {
      // As if it were absent.
    }
  }

  /** @param nameLength what is written beside the value */
  private valueJson(value: unknown, nameLength: number): string | undefined {
    if (Array.isArray(value)) {
      return this.room.take(nameLength + '[]'.length) ? this.listJson(value) : undefined;
    }
    const scalar = scalarOf(value);
    if (scalar === undefined) return undefined;
    const text = JSON.stringify(scalar);
    return this.room.take(nameLength + text.length) ? text : undefined;
  }

  /** As many elements as fit. */
  private listJson(list: readonly unknown[]): string {
    const texts: string[] = [];
    const length = Math.min(list.length, MAX_ELEMENTS);
    for (let index = 0; index < length; index++) {
      const text = JSON.stringify(scalarOf(list[index]) ?? null);
      if (!this.room.take(text.length + 1)) break;
      texts.push(text);
    }
    return `[${texts.join()}]`;
  }
}

/**
 * A value as it stands in an example; `undefined` when it has no form there. Objects have none: how large they are is not
 * known before they have been walked.
 */
export function scalarOf(value: unknown): string | number | boolean | null | undefined {
  switch (typeof value) {
    case 'string':
      return textWithin(MAX_EXAMPLE_VALUE_CHARACTERS, value);
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    case 'bigint':
      // Its text is as long as it is large; no number that means something is.
      return BigInt.asIntN(1_024, value) === value ? value.toString() : undefined;
    default:
      if (value === null) return null;
      return value instanceof Date ? dateText(value) : undefined;
  }
}

function dateText(date: Date): string | undefined {
  const time = date.getTime();
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
