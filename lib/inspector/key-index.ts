import { type Config, type PatternTrace, type QuonfigService, traceOfPattern } from '../index.js';
import { allRulesOf, hiddenOf, storedValues } from './shown-value.js';

/** What a list needs to know of a key. */
export interface IndexedKey {
  readonly key: string;
  readonly lowerCase: string;
  readonly type: Config['type'];
  readonly valueType: Config['valueType'];
}

/** A pattern of a rule, with the engine that runs it. */
export interface IndexedPattern extends PatternTrace {
  readonly key: string;
  readonly pattern: string;
}

export interface KeyIndex {
  /** In alphabetical order. */
  readonly keys: readonly IndexedKey[];
  /** Keys whose values decrypt others: they are secrets, whatever their configs say. */
  readonly decrypting: ReadonlySet<string>;
  /** Patterns of rules that may be shown, 200 at most. */
  readonly patterns: readonly IndexedPattern[];
  /** How many patterns there are. */
  readonly patternCount: number;
}

const MAX_PATTERNS = 200;
const SLICE = 500;

/** An index of the current configs, made again after each update, in the background. */
export class KeyIndexes {
  /** Never forgets a key: the history still has its value when the last config that needed it is gone. */
  private readonly decrypting = new Set<string>();
  private current: { readonly install: number; readonly index: Promise<KeyIndex> } | undefined;

  constructor(private readonly quonfig: QuonfigService) {}

  /** The index of the current configs. */
  get(): Promise<KeyIndex> {
    const install = this.quonfig.configInstallCount();
    if (this.current?.install !== install) {
      this.current = { install, index: indexOf(this.quonfig, this.decrypting) };
    }
    return this.current.index;
  }
}

async function indexOf(quonfig: QuonfigService, decrypting: Set<string>): Promise<KeyIndex> {
  const keys: IndexedKey[] = [];
  const patterns: [key: string, pattern: string][] = [];
  let read = 0;
  for (const key of quonfig.keys()) {
    // Unpacking thousands of configs at once would delay requests.
    if (++read % SLICE === 0) await new Promise(setImmediate);
    const config = quonfig.rawConfig(key);
    if (config === undefined) continue;
    keys.push({
      key,
      lowerCase: key.toLowerCase(),
      type: config.type,
      valueType: config.valueType,
    });
    for (const { decryptWith } of storedValues(config)) {
      if (typeof decryptWith === 'string') decrypting.add(decryptWith);
    }
    for (const pattern of patternsOf(config)) patterns.push([key, pattern]);
  }
  keys.sort((one, other) => (one.lowerCase < other.lowerCase ? -1 : 1));
  const traced = patterns
    .slice(0, MAX_PATTERNS)
    .map(([key, pattern]) => ({ key, pattern, ...traceOfPattern(pattern) }));
  return { keys, decrypting, patterns: traced, patternCount: patterns.length };
}

function* patternsOf(config: Config): Generator<string> {
  for (const { criteria } of allRulesOf(config)) {
    for (const { operator, valueToMatch } of criteria) {
      const usesPattern = operator === 'PROP_MATCHES' || operator === 'PROP_DOES_NOT_MATCH';
      if (!usesPattern || hiddenOf(valueToMatch, false) !== undefined) continue;
      if (typeof valueToMatch?.value === 'string') yield valueToMatch.value;
    }
  }
}
