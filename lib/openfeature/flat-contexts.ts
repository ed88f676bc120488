import { types } from 'node:util';
import type { EvaluationContext } from '@openfeature/server-sdk';
import type { Contexts } from '../index.js';

type Properties = Record<string, unknown>;

/**
 * Returns the named contexts that a flat context of OpenFeature stands for: `user.plan` is the property `plan` of the context
 * `user`, a name without a dot is a property of the context without a name. An explicit property takes precedence over the
 * targeting key, whatever their order.
 *
 * @param targetingPath the property that receives the targeting key
 * @returns `undefined` if there is no property: such reads share the contexts of the request, which are then recorded once
 */
export function contextsOf(
  context: EvaluationContext,
  targetingPath: string,
): Contexts | undefined {
  // Without a prototype, so that a property named `__proto__` is one like any other.
  const contexts = Object.create(null) as Record<string, Properties>;
  let isEmpty = true;
  const set = (path: string, value: unknown): void => {
    const property = types.isDate(value) ? isoString(value) : value;
    if (property === undefined) return;
    const dot = path.indexOf('.');
    const name = dot < 0 ? '' : path.slice(0, dot);
    contexts[name] ??= Object.create(null) as Properties;
    contexts[name][path.slice(dot + 1)] = property;
    isEmpty = false;
  };
  const { targetingKey, ...properties } = context;
  set(targetingPath, targetingKey);
  for (const path of Object.keys(properties)) set(path, properties[path]);
  return isEmpty ? undefined : contexts;
}

/** An invalid date counts as absent. */
function isoString(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
