import { inspect, type InspectOptions } from 'node:util';

/**
 * Returns what `inspect` prints for an object: its class and what its JSON contains. For the method `[inspect.custom]`, which
 * receives the first two arguments.
 *
 * @param depth levels that `inspect` may still descend; `null` for all
 */
export function inspected(depth: number | null, options: InspectOptions, object: object): string {
  const { name } = object.constructor;
  if (depth !== null && depth < 0) return `[${name}]`;
  try {
    return `${name} ${inspect({ ...((object as { toJSON?(): object }).toJSON?.() ?? object) }, { ...options, depth })}`;
  } catch {
    // A part that a test has replaced may lack what is shown.
    return `${name} {}`;
  }
}
