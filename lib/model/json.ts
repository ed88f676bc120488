export type JsonObject = Record<string, unknown>;

/** A JSON object: not null, not a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Freezes a JSON value and everything in it, so that it can be handed out by reference. Works with a list of what is
 * left to do instead of recursion: the depth of the value costs no stack.
 */
export function deepFreeze<T>(value: T): T {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue;
    Object.freeze(next);
    for (const part of Object.values(next)) pending.push(part);
  }
  return value;
}

/** Whether two JSON values are the same, whatever the order of properties. Like {@link deepFreeze} without recursion. */
export function sameJson(one: unknown, other: unknown): boolean {
  const pending: unknown[] = [one, other];
  while (pending.length > 0) {
    const right = pending.pop();
    const left = pending.pop();
    if (left === right) continue;
    if (typeof left !== 'object' || typeof right !== 'object') return false;
    if (left === null || right === null || Array.isArray(left) !== Array.isArray(right)) {
      return false;
    }
    const names = Object.keys(left);
    if (names.length !== Object.keys(right).length) return false;
    for (const name of names) {
      if (!Object.hasOwn(right, name)) return false;
      pending.push((left as JsonObject)[name], (right as JsonObject)[name]);
    }
  }
  return true;
}
