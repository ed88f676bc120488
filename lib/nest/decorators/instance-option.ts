/**
 * Option of the decorators that read.
 *
 * @publicApi
 */
export interface InstanceOption {
  /** Name of the instance. If omitted, the unnamed one. */
  instance: string | undefined;
}

/** Whether an argument of a decorator selects an instance. */
export function isInstanceOption(value: unknown): value is InstanceOption {
  if (typeof value !== 'object' || value === null) return false;
  const names = Object.keys(value);
  return names.length === 1 && names[0] === 'instance';
}
