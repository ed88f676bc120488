/** Says which keys somebody wants to hear of. */
export interface KeyFilter {
  /** Whether there is no restriction at all: then even an update that touches no key is wanted. */
  readonly everything: boolean;
  /** The wanted keys, when they are all named in full; `undefined` when the filter has a wildcard. */
  readonly exactKeys: ReadonlySet<string> | undefined;
  readonly matches: (key: string) => boolean;
}

/**
 * Makes a filter of keys and patterns; `*` in a pattern stands for any run of characters, the empty one too. Without
 * any pattern everything matches. A match takes one pass over the key for each pattern, whatever the pattern is.
 */
export function keyFilter(patterns: readonly string[]): KeyFilter {
  if (patterns.length === 0) {
    return { everything: true, exactKeys: undefined, matches: () => true };
  }
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const wildcards = patterns.filter((pattern) => pattern.includes('*')).map(wildcard);
  return {
    everything: false,
    exactKeys: wildcards.length === 0 ? exact : undefined,
    matches: (key) => exact.has(key) || wildcards.some((matches) => matches(key)),
  };
}

function wildcard(pattern: string): (key: string) => boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop() ?? '';
  const inner = rest.filter((part) => part !== '');
  return (key) => {
    const end = key.length - tail.length;
    if (end < head.length || !key.startsWith(head) || !key.endsWith(tail)) return false;
    let position = head.length;
    // The leftmost place for each part leaves the most room for the next: no need to go back.
    for (const part of inner) {
      const place = key.indexOf(part, position);
      if (place === -1) return false;
      position = place + part.length;
    }
    return position <= end;
  };
}
