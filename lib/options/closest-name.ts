/** The name that was probably meant: one that differs in a few letters at most, case aside. */
export function closestName(written: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.min(3, Math.floor(written.length / 3)));
  let closest: string | undefined;
  let least = limit + 1;
  for (const name of names) {
    if (Math.abs(name.length - written.length) >= least) continue;
    const edits = editsBetween(written.toLowerCase(), name.toLowerCase());
    if (edits < least) [closest, least] = [name, edits];
  }
  return closest;
}

/** How many letters must be added, removed or replaced to turn one text into the other. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1]! + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
