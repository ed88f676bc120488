import { MAX_REDACTED_NAMES } from '../bounds.js';
import type { ContextProperties, Contexts, ContextTier } from '../../model/index.js';
import { eachContext, isContext } from './merged-contexts.js';
import { MAX_ELEMENTS, MAX_PROPERTIES } from '../bounds.js';

/** Gives what may be kept of a context; `undefined` leaves it out. */
export type Redact = (
  contextName: string,
  properties: ContextProperties,
) => ContextProperties | undefined;

/** What the application leaves of contexts. It is asked once in a window for each object. */
export class RedactedContexts {
  /** By the names under which the objects stood. */
  private answers = new Map<string, WeakMap<object, ContextProperties | undefined>>();

  constructor(
    private readonly redact: Redact,
    private readonly failed: () => void,
  ) {}

  of(call: Contexts | undefined, base: ContextTier | undefined): Contexts {
    const left = Object.create(null) as Contexts;
    eachContext(call, base, (name, properties) => {
      const answer = this.answerFor(name, properties);
      if (answer !== undefined) left[name] = answer;
    });
    return left;
  }

  /** Opens the next window. */
  begin(): void {
    this.answers = new Map();
  }

  private answerFor(name: string, properties: ContextProperties): ContextProperties | undefined {
    const answers = this.answersOf(name);
    if (answers.has(properties)) return answers.get(properties);
    const copy = copyOfContext(properties);
    let answer: ContextProperties | undefined;
    try {
      answer = usable(this.redact(name, copy));
    } catch {
      this.failed();
    }
    answers.set(properties, answer);
    return answer;
  }

  private answersOf(name: string): WeakMap<object, ContextProperties | undefined> {
    const known = this.answers.get(name);
    if (known !== undefined) return known;
    if (this.answers.size >= MAX_REDACTED_NAMES) this.answers.clear();
    const answers = new WeakMap<object, ContextProperties | undefined>();
    this.answers.set(name, answers);
    return answers;
  }
}

/** @throws when the answer is neither properties nor `undefined` */
function usable(answer: unknown): ContextProperties | undefined {
  if (answer === undefined) return undefined;
  if (!isContext(answer)) throw new TypeError('no context');
  if (typeof answer['then'] === 'function') {
    // What it rejects with is nobody's to handle.
    Promise.resolve(answer).catch(() => undefined);
    throw new TypeError('a promise');
  }
  return answer;
}

/**
 * A copy of a context, as far as contexts are looked at, that shares nothing with it that can be changed. Objects within
 * the context are empty ones in the copy; a property that throws is left out.
 */
function copyOfContext(properties: ContextProperties): ContextProperties {
  const entries: [string, unknown][] = [];
  let seen = 0;
  for (const property in properties) {
    if (++seen > MAX_PROPERTIES) break;
    try {
      if (Object.hasOwn(properties, property))
        entries.push([property, copyOf(properties[property])]);
    } catch {
      // As if it were absent.
    }
  }
  return Object.fromEntries(entries);
}

function copyOf(value: unknown): unknown {
  if (!Array.isArray(value)) return copyOfElement(value);
  const length = Math.min(value.length, MAX_ELEMENTS);
  return Array.from({ length }, (_, index) => copyOfElement(value[index]));
}

function copyOfElement(value: unknown): unknown {
  if (value instanceof Date) return new Date(value.getTime());
  const canChange = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return canChange ? {} : value;
}
