import type { Place } from './config-parts.js';

/** A reference from one config to another, and its position. */
export interface Reference {
  readonly target: string;
  readonly place: Place;
}

export interface ReferenceCycle {
  /** The config whose reference closes the cycle. */
  readonly key: string;
  /** Position of that reference. */
  readonly place: Place;
  /** The keys along the cycle; the last one repeats the first. */
  readonly path: readonly string[];
}

/** A config on the path that is being searched. */
interface Step {
  readonly key: string;
  readonly references: readonly Reference[];
  /** Index of the reference to follow next. */
  next: number;
}

/**
 * Finds every reference that closes a cycle; removing all of them leaves no cycle. A depth-first search with an explicit
 * path instead of recursion, so that a long chain of references cannot overflow the stack.
 */
export function findCycles(
  references: ReadonlyMap<string, readonly Reference[]>,
): ReferenceCycle[] {
  const cycles: ReferenceCycle[] = [];
  const finished = new Set<string>();
  for (const start of references.keys()) {
    const path: Step[] = [];
    const positions = new Map<string, number>();
    const enter = (key: string): void => {
      if (finished.has(key)) return;
      positions.set(key, path.length);
      path.push({ key, references: references.get(key) ?? [], next: 0 });
    };
    enter(start);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const reference = step.references[step.next++];
      if (reference === undefined) {
        path.pop();
        positions.delete(step.key);
        finished.add(step.key);
        continue;
      }
      const position = positions.get(reference.target);
      if (position === undefined) {
        enter(reference.target);
      } else {
        const cycle = path.slice(position).map(({ key }) => key);
        cycles.push({
          key: step.key,
          place: reference.place,
          path: [...cycle, reference.target],
        });
      }
    }
  }
  return cycles;
}
