import type { Place } from './config-parts.js';

/** One config referring to another, and where it does. */
export interface Reference {
  readonly target: string;
  readonly place: Place;
}

export interface ReferenceCycle {
  /** The reference that closes the circle. */
  readonly key: string;
  readonly place: Place;
  /** The keys along the circle, the first one again at the end. */
  readonly path: readonly string[];
}

interface Step {
  readonly key: string;
  readonly references: readonly Reference[];
  next: number;
}

/**
 * Finds the references that close a circle; without all of them there is none left. Goes along with a list instead of
 * recursion: the depth of the references costs no stack.
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
        const circle = path.slice(position).map(({ key }) => key);
        cycles.push({
          key: step.key,
          place: reference.place,
          path: [...circle, reference.target],
        });
      }
    }
  }
  return cycles;
}
