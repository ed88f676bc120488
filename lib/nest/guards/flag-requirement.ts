import { QuonfigError } from '../../errors/index.js';
import type { KeyOf, KnownKey, QuonfigTypes, UntypedKey } from '../../interfaces/index.js';
import { requirementInvalid } from './guards.messages.js';

/**
 * What a route requires: a flag that is on, a config that equals a value, or a combination of both.
 *
 * @publicApi
 */
export type FlagRequirement<Types = QuonfigTypes> =
  | KeyOf<boolean, Types>
  | ValueRequirement<Types>
  | {
      /** All of these must hold. */
      readonly all: readonly FlagRequirement<Types>[];
    }
  | {
      /** At least one of these must hold. */
      readonly any: readonly FlagRequirement<Types>[];
    }
  | {
      /** This must not hold. */
      readonly not: FlagRequirement<Types>;
    };

/**
 * A config that equals a value.
 *
 * @publicApi
 */
export type ValueRequirement<Types = QuonfigTypes> =
  | {
      /** Key of the config. */
      readonly key: UntypedKey<Types>;
      /** The value that the config must have. */
      readonly equals: unknown;
    }
  | {
      [Key in KnownKey<Types>]: {
        /** Key of the config. */
        readonly key: Key;
        /** The value that the config must have. */
        readonly equals: Types[Key];
      };
    }[KnownKey<Types>];

/** Whether a requirement holds; `undefined` if that cannot be known. */
export type Verdict = boolean | undefined;

/** Answers the parts of a requirement. */
export interface FlagAnswers {
  isOn(key: string): Verdict;
  equals(key: string, expected: unknown): Verdict;
}

/** A requirement, checked when it was declared. */
export interface CompiledRequirement {
  /** The keys that it names, each once. */
  readonly keys: readonly string[];
  readonly holds: (answers: FlagAnswers) => Verdict;
}

interface AnyRequirement {
  readonly all?: unknown;
  readonly any?: unknown;
  readonly not?: unknown;
  readonly key?: unknown;
  readonly equals?: unknown;
}

/** @throws {QuonfigError} `invalid_requirement` */
export function compileRequirement(requirement: unknown, place: string): CompiledRequirement {
  const keys = new Set<string>();
  const holds = compile(requirement, keys, place);
  return { keys: [...keys], holds };
}

function compile(
  requirement: unknown,
  keys: Set<string>,
  place: string,
): CompiledRequirement['holds'] {
  if (isKey(requirement)) {
    keys.add(requirement);
    return (answers) => answers.isOn(requirement);
  }
  if (typeof requirement !== 'object' || requirement === null) throw invalid(place);
  const { all, any, not, key, equals } = requirement as AnyRequirement;
  if (Object.keys(requirement).length !== (key === undefined ? 1 : 2)) throw invalid(place);
  if (isList(all))
    return every(
      all.map((part) => compile(part, keys, place)),
      false,
    );
  if (isList(any))
    return every(
      any.map((part) => compile(part, keys, place)),
      true,
    );
  if (not !== undefined) {
    const inner = compile(not, keys, place);
    return (answers) => negated(inner(answers));
  }
  if (!isKey(key) || equals === undefined) throw invalid(place);
  keys.add(key);
  return (answers) => answers.equals(key, equals);
}

/** The first part with the deciding verdict decides. Otherwise a part that cannot be known leaves the whole unknown. */
function every(
  parts: readonly CompiledRequirement['holds'][],
  deciding: boolean,
): CompiledRequirement['holds'] {
  return (answers) => {
    let verdict: Verdict = !deciding;
    for (const holds of parts) {
      const part = holds(answers);
      if (part === deciding) return deciding;
      if (part === undefined) verdict = undefined;
    }
    return verdict;
  };
}

function negated(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function invalid(place: string): QuonfigError {
  return new QuonfigError('invalid_requirement', requirementInvalid(place));
}
