/**
 * The timed loops. Each contender and workload imports this file under a query of its own, so it gets functions of
 * its own, compiled for it alone: nobody's calls go through a call site that another contender has made polymorphic.
 *
 * An answer is stored, so that no call can be left out, and checked after the round.
 */

/** Holds the newest fresh context, as a request does: without it the engine would not make the object at all. */
export const held = { context: undefined };

export function call(read, { keys, contexts, answers }, at, count) {
  for (let done = 0; done < count; done++) {
    answers[at] = read(keys[at], contexts[at]);
    if (++at === keys.length) at = 0;
  }
  return at;
}

export function callFresh(read, { keys, users, context, answers }, at, count) {
  for (let done = 0; done < count; done++) {
    const fresh = context(users[at]);
    held.context = fresh;
    answers[at] = read(keys[at], fresh);
    if (++at === keys.length) at = 0;
  }
  return at;
}

export async function callAwaited(read, { keys, contexts, answers }, at, count) {
  for (let done = 0; done < count; done++) {
    answers[at] = await read(keys[at], contexts[at]);
    if (++at === keys.length) at = 0;
  }
  return at;
}

export async function callFreshAwaited(read, { keys, users, context, answers }, at, count) {
  for (let done = 0; done < count; done++) {
    const fresh = context(users[at]);
    held.context = fresh;
    answers[at] = await read(keys[at], fresh);
    if (++at === keys.length) at = 0;
  }
  return at;
}

/** What `callFresh` does besides reading. Its bytes are the caller's, not the contender's. */
export function makeFresh({ users, context }, at, count) {
  for (let done = 0; done < count; done++) {
    held.context = context(users[at]);
    if (++at === users.length) at = 0;
  }
  return at;
}
