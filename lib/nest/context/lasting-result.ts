import { isObservable, Observable } from 'rxjs';

type Run = <T>(action: () => T) => T;

/**
 * Lets what a handler returned go on inside its scope: an Observable is subscribed to, and an async iterator advanced, after
 * the handler has returned.
 */
export function lastingResult(result: unknown, run: Run): unknown {
  if (isObservable(result)) {
    return new Observable((subscriber) => run(() => result.subscribe(subscriber)));
  }
  return isAsyncIterator(result) ? iteratorWithin(result, run) : result;
}

function iteratorWithin(
  iterator: AsyncIterableIterator<unknown>,
  run: Run,
): AsyncIterableIterator<unknown> {
  return new Proxy(iterator, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name === Symbol.asyncIterator)
        return () => iteratorWithin(target[Symbol.asyncIterator](), run);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => run((): unknown => Reflect.apply(member, target, args));
    },
  });
}

function isAsyncIterator(value: unknown): value is AsyncIterableIterator<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const iterator = value as Partial<AsyncIterableIterator<unknown>>;
  return (
    typeof iterator[Symbol.asyncIterator] === 'function' && typeof iterator.next === 'function'
  );
}
