import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import type { FlagRequirement, CompiledRequirement } from './flag-requirement.js';

const REQUIRED_FLAGS_METADATA = 'quonfig:required-flags';

/**
 * Options of `@RequireFlag`.
 *
 * @publicApi
 */
export interface RequireFlagOptions {
  /** HTTP status of a denied request, from 400 to 599. Default 404, with the response of a route that does not exist. */
  status?: number | undefined;
  /** Returns the error that a denied call throws, on every transport. Takes precedence over `status`. */
  exception?: ((context: ExecutionContext) => Error) | undefined;
  /** What happens while no configs are loaded, or if the evaluation fails. Default `deny`. A warning is logged once. */
  whenUnavailable?: 'deny' | 'allow' | undefined;
  /** Name of the instance. If omitted, the unnamed one. */
  instance?: string | undefined;
}

/**
 * What one `@RequireFlag` requires.
 *
 * @publicApi
 */
export interface RequiredFlag {
  /** The requirement as declared. */
  readonly requirement: FlagRequirement<any>;
  /** The keys that it names, each once. */
  readonly keys: readonly string[];
  /** Name of the instance; `undefined` for the unnamed one. */
  readonly instance: string | undefined;
}

/** A requirement with what the guard needs to apply it. */
export interface FlagRule {
  readonly required: RequiredFlag;
  readonly holds: CompiledRequirement['holds'];
  readonly options: RequireFlagOptions;
}

// Classes and methods are functions of any signature.
type Target = Function;

/** The rules by class or method: every call asks for them, and metadata is slow to read. */
const known = new WeakMap<Target, readonly FlagRule[]>();

/** The rules on a class or method; those on a class include the inherited ones. */
export function flagRulesOn(target: Target): readonly FlagRule[] {
  let rules = known.get(target);
  if (rules === undefined) {
    rules = (Reflect.getMetadata(REQUIRED_FLAGS_METADATA, target) as FlagRule[] | undefined) ?? [];
    known.set(target, rules);
  }
  return rules;
}

export function addFlagRule(target: Target, rule: FlagRule): void {
  Reflect.defineMetadata(REQUIRED_FLAGS_METADATA, [...flagRulesOn(target), rule], target);
  known.delete(target);
}

/**
 * Returns what `@RequireFlag` requires for a handler, for tools that list which routes a flag guards.
 *
 * @param handler a method of a controller, resolver or gateway, or such a class
 * @param owner the class of the method, to include what the class requires
 * @returns one entry for each `@RequireFlag`; empty without any
 * @example
 * ```ts
 * getRequiredFlags(CheckoutController.prototype.pay, CheckoutController).flatMap(({ keys }) => keys);
 * ```
 *
 * @publicApi
 */
export function getRequiredFlags(handler: Target, owner?: Target): readonly RequiredFlag[] {
  const rules = [...(owner === undefined ? [] : flagRulesOn(owner)), ...flagRulesOn(handler)];
  return rules.map(({ required }) => required);
}
