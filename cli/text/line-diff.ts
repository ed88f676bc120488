/** Lines that both texts have, or only one of them. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Beyond this many differences, what is between the first and the last one is shown as replaced. */
const MAX_EDITS = 500;
const CONTEXT = 3;

/** The differences of two texts in the unified format, without the names of the files; none if they are equal. */
export function unifiedDiff(before: string, after: string): string[] {
  const lines = diffLines(linesOf(before), linesOf(after));
  const near = new Set<number>();
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    for (let at = index - CONTEXT; at <= index + CONTEXT; at++) near.add(at);
  }
  const output: string[] = [];
  let [old, current] = [1, 1];
  for (let index = 0; index < lines.length;) {
    if (!near.has(index)) {
      // Far from every difference, so both texts have the line.
      index++;
      old++;
      current++;
      continue;
    }
    let end = index;
    while (end < lines.length && near.has(end)) end++;
    const hunk = lines.slice(index, end);
    const oldCount = hunk.filter(({ sign }) => sign !== '+').length;
    const newCount = hunk.filter(({ sign }) => sign !== '-').length;
    output.push(`@@ -${range(old, oldCount)} +${range(current, newCount)} @@`);
    output.push(...hunk.map(({ sign, text }) => sign + text));
    old += oldCount;
    current += newCount;
    index = end;
  }
  return output;
}

/** A hunk without lines names the line before it. */
const range = (start: number, count: number): string =>
  count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`;

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const same = (text: string): DiffLine => ({ sign: ' ', text });

/** The shortest edits that turn one list of lines into the other (Myers). */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  return [
    ...before.slice(0, start).map(same),
    ...edits(before.slice(start, endBefore), after.slice(start, endAfter)),
    ...before.slice(endBefore).map(same),
  ];
}

function edits(before: readonly string[], after: readonly string[]): DiffLine[] {
  const trail = shortestTrail(before, after);
  if (trail === undefined) {
    return [
      ...before.map((text): DiffLine => ({ sign: '-', text })),
      ...after.map((text): DiffLine => ({ sign: '+', text })),
    ];
  }
  const lines: DiffLine[] = [];
  let [x, y] = [before.length, after.length];
  for (let edit = trail.length - 1; edit >= 0; edit--) {
    const reach = trail[edit]!;
    const diagonal = x - y;
    const down =
      diagonal === -edit ||
      (diagonal !== edit && reached(reach, diagonal - 1) < reached(reach, diagonal + 1));
    const previous = down ? diagonal + 1 : diagonal - 1;
    const previousX = edit === 0 ? 0 : reached(reach, previous);
    const previousY = edit === 0 ? 0 : previousX - previous;
    while (x > previousX && y > previousY && before[x - 1] === after[y - 1]) {
      lines.push({ sign: ' ', text: before[--x]! });
      y--;
    }
    if (edit === 0) break;
    if (down) lines.push({ sign: '+', text: after[--y]! });
    else lines.push({ sign: '-', text: before[--x]! });
  }
  return lines.toReversed();
}

const reached = (reach: ReadonlyMap<number, number>, diagonal: number): number =>
  reach.get(diagonal) ?? -1;

/** For each number of edits, how far each diagonal was reached before them; `undefined` if there are too many. */
function shortestTrail(
  before: readonly string[],
  after: readonly string[],
): ReadonlyMap<number, number>[] | undefined {
  let reach = new Map<number, number>([[1, 0]]);
  const trail: ReadonlyMap<number, number>[] = [];
  for (let edit = 0; edit <= MAX_EDITS; edit++) {
    trail.push(reach);
    const next = new Map(reach);
    for (let diagonal = -edit; diagonal <= edit; diagonal += 2) {
      const down =
        diagonal === -edit ||
        (diagonal !== edit && reached(next, diagonal - 1) < reached(next, diagonal + 1));
      let x = down ? reached(next, diagonal + 1) : reached(next, diagonal - 1) + 1;
      while (
        x < before.length &&
        x - diagonal < after.length &&
        before[x] === after[x - diagonal]
      ) {
        x++;
      }
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return trail;
    }
    reach = next;
  }
  return undefined;
}
