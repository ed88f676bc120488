export type JsonObject = Record<string, unknown>;

/** Whether a value is a JSON object: neither `null` nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Visits every object and list of a JSON value, outer ones first. A work list replaces recursion, so that deeply nested
 * input cannot overflow the stack.
 *
 * @param visit returns whether to visit the parts of this node too
 */
export function walkJson(root: unknown, visit: (node: object) => boolean): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || !visit(node)) continue;
    for (const part of Object.values(node)) pending.push(part);
  }
}

/** Freezes a JSON value in all its depth, so that it can be handed out by reference. */
export function deepFreeze<T>(value: T): T {
  walkJson(value, (node) => {
    if (Object.isFrozen(node)) return false;
    Object.freeze(node);
    return true;
  });
  return value;
}

/** Whether two JSON values are equal, ignoring the order of properties. Not recursive, like {@link walkJson}. */
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
