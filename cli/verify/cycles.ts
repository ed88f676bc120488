export interface Reference {
  readonly target: string;
}

/** A reference that closes a cycle, and the keys along it; the last one repeats the first. */
export interface ClosingReference<R extends Reference> {
  readonly reference: R;
  readonly cycle: readonly string[];
}

/** Finds the references without which no cycle is left. Not recursive: a chain may have thousands of keys. */
export function closingReferences<R extends Reference>(
  references: ReadonlyMap<string, readonly R[]>,
): ClosingReference<R>[] {
  const found: ClosingReference<R>[] = [];
  const finished = new Set<string>();
  for (const start of references.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const untried: R[][] = [];
    const enter = (key: string): void => {
      if (finished.has(key)) return;
      path.push(key);
      onPath.add(key);
      untried.push([...(references.get(key) ?? [])]);
    };
    enter(start);
    while (path.length > 0) {
      const reference = untried.at(-1)!.shift();
      if (reference === undefined) {
        const key = path.pop()!;
        untried.pop();
        onPath.delete(key);
        finished.add(key);
      } else if (onPath.has(reference.target)) {
        const cycle = [...path.slice(path.indexOf(reference.target)), reference.target];
        found.push({ reference, cycle });
      } else enter(reference.target);
    }
  }
  return found;
}
