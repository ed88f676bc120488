/** As Nest's `ConsoleLogger` recognizes it. */
const STACK = /^(.)+\n\s+at .+:\d+:\d+/;

/** Returns the context among the parameters after a message: the last one, if it is a string. */
export function contextOf(params: readonly unknown[]): string | undefined {
  const last = params[params.length - 1];
  return typeof last === 'string' ? last : undefined;
}

/** Like `contextOf`, for levels whose last parameter can be the stack of an error. */
export function contextBesideStack(params: readonly unknown[]): string | undefined {
  const last = contextOf(params);
  if (last === undefined || !STACK.test(last)) return last;
  const before = params[params.length - 2];
  return typeof before === 'string' ? before : undefined;
}
