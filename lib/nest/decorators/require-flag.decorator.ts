import { UseGuards } from '@nestjs/common';
import { QuonfigError } from '../../errors/index.js';
import { compileRequirement, type FlagRequirement } from '../guards/flag-requirement.js';
import { requireFlagMisplaced, statusInvalid } from '../guards/guards.messages.js';
import { RequireFlagGuard } from '../guards/require-flag.guard.js';
import { addFlagRule, flagRulesOn, type RequireFlagOptions } from '../guards/required-flags.js';

/**
 * Lets calls reach a handler only while a flag is on for the caller. For methods and classes of controllers, resolvers
 * and gateways; both apply, and you can stack several. A denied HTTP request gets the response of a route that does not
 * exist. A flag without a config or a value is off.
 *
 * It adds {@link RequireFlagGuard} in its place among `@UseGuards`, so write it above the guard that authenticates the user.
 *
 * @param requirement key of a flag, `{ all }`, `{ any }`, `{ not }` or `{ key, equals }`
 * @param options what a denied call gets, and which instance decides
 * @throws {QuonfigError} `invalid_requirement`: no requirement, an invalid `status`, or not on a class or method
 * @example
 * ```ts
 * @RequireFlag('checkout.new')
 * @RequireFlag({ all: ['checkout.new', { not: 'checkout.frozen' }] })
 * @RequireFlag({ key: 'checkout.theme', equals: 'dark' }, { status: 403 })
 * ```
 *
 * @publicApi
 */
export function RequireFlag(
  requirement: FlagRequirement,
  options: RequireFlagOptions = {},
): MethodDecorator & ClassDecorator {
  const { instance, status } = options;
  return (target: object, property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = placeOf(target, property);
    const guarded: unknown = property === undefined ? target : descriptor?.value;
    if (typeof guarded !== 'function') throw invalid(requireFlagMisplaced(place));
    if (status !== undefined && !(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw invalid(statusInvalid(place, status));
    }
    const { keys, holds } = compileRequirement(requirement, place);
    // Several on one place need the guard once.
    if (flagRulesOn(guarded).length === 0) {
      UseGuards(RequireFlagGuard)(target, property as string, descriptor!);
    }
    addFlagRule(guarded, { required: { requirement, keys, instance }, holds, options });
  };
}

function placeOf(target: object, property: string | symbol | undefined): string {
  const owner = typeof target === 'function' ? target : target.constructor;
  const name = owner.name || 'anonymous class';
  return property === undefined ? name : `${name}.${String(property)}`;
}

function invalid(message: string): QuonfigError {
  return new QuonfigError('invalid_requirement', message);
}
