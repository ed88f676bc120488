/**
 * Returns the name that was probably meant: the one with the fewest different letters, ignoring case. Returns `undefined` if
 * every name differs by more than a few letters.
 *
 * @param written the misspelled name
 * @param names the names to compare with; their order decides between equally close ones
 * @returns one of `names`, or `undefined`
 * @example
 * ```ts
 * closestName('serach.limit', quonfig.keys()); // → 'search.limit'
 * ```
 *
 * @publicApi
 */
export function closestName(written: string, names: Iterable<string>): string | undefined {
  const from = written.toLowerCase();
  let closest: string | undefined;
  let least = Math.min(3, Math.floor(written.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - written.length) >= least) continue;
    const edits = editsBetween(from, name.toLowerCase(), least);
    if (edits < least) [closest, least] = [name, edits];
  }
  return closest;
}

/**
 * Counts the letters to add, remove, replace or swap with their neighbor to turn one string into the other. A result of
 * `limit` means `limit` or more. There may be thousands of names, so this computes only the cells near the diagonal of the
 * table, which can be below the limit, and stops when none of them is.
 */
function editsBetween(from: string, to: string, limit: number): number {
  let before: number[] = [];
  let row: number[] = [];
  let next: number[] = [];
  for (let column = 0; column <= limit; column++) row.push(column);
  let fewestBefore = 0;
  for (let line = 1; line <= from.length; line++) {
    const first = Math.max(1, line - limit + 1);
    const last = Math.min(to.length, line + limit - 1);
    next[first - 1] = first === 1 ? line : limit;
    next[last + 1] = limit;
    let fewest = next[first - 1]!;
    const letter = from.charCodeAt(line - 1);
    for (let column = first; column <= last; column++) {
      const other = to.charCodeAt(column - 1);
      let edits = row[column - 1]! + (letter === other ? 0 : 1);
      if (row[column]! + 1 < edits) edits = row[column]! + 1;
      if (next[column - 1]! + 1 < edits) edits = next[column - 1]! + 1;
      const swapped = letter === to.charCodeAt(column - 2) && other === from.charCodeAt(line - 2);
      if (swapped && before[column - 2]! + 1 < edits) edits = before[column - 2]! + 1;
      next[column] = edits;
      if (edits < fewest) fewest = edits;
    }
    // A swap adds one edit to a cell of the line before the previous one.
    if (fewest >= limit && fewestBefore + 1 >= limit) return limit;
    fewestBefore = fewest;
    [before, row, next] = [row, next, before];
  }
  return Math.min(row[to.length]!, limit);
}
