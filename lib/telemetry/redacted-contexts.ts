import type { ContextProperties, Contexts, ContextTier } from '../model/index.js';
import { copyOfContext } from './context-copy.js';
import { eachContext, isContext } from './merged-contexts.js';

/** Gives what may be kept of a context; `undefined` leaves it out. */
export type Redact = (
  contextName: string,
  properties: ContextProperties,
) => ContextProperties | undefined;

/** Applications have a handful of names; those who make them up are asked again. */
const MAX_NAMES = 1_000;

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
    if (this.answers.size >= MAX_NAMES) this.answers.clear();
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
