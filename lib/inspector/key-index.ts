import {
  type Config,
  type PatternTrace,
  type QuonfigService,
  type QuonfigUpdate,
  traceOfPattern,
} from '../index.js';
import { allRulesOf, hiddenOf, storedValues } from './shown-value.js';

/** What a list needs to know of a key. */
export interface IndexedKey {
  readonly key: string;
  readonly lowerCase: string;
  readonly type: Config['type'];
  readonly valueType: Config['valueType'];
  /** Patterns of its rules that may be shown. */
  readonly patterns: readonly string[];
}

interface PatternOfKey {
  readonly key: string;
  readonly pattern: string;
}

/** A pattern of a rule, with the engine that runs it. */
export interface IndexedPattern extends PatternOfKey, PatternTrace {}

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

/** An index of the current configs, kept up to date in the background. */
export class KeyIndexes {
  /** Never forgets a key: the history still has its value when the last config that needed it is gone. */
  private readonly decrypting = new Set<string>();
  /** Those of the last index. */
  private traces = new Map<string, PatternTrace>();
  private current: { readonly install: number; readonly index: Promise<KeyIndex> } | undefined;

  constructor(private readonly quonfig: QuonfigService) {}

  /** The index of the current configs. */
  get(): Promise<KeyIndex> {
    const install = this.quonfig.configInstallCount();
    if (this.current?.install !== install) {
      this.current = { install, index: this.read(this.quonfig.keys(), []) };
    }
    return this.current.index;
  }

  /** Reads only the keys of an update again. Call it while the update is being delivered. */
  follow({ added, changed, removed }: QuonfigUpdate): void {
    const install = this.quonfig.configInstallCount();
    const before = this.current;
    if (before?.install !== install - 1) return void this.get();
    const outdated = new Set([...changed, ...removed]);
    const index = before.index.then(({ keys }) =>
      this.read(
        [...added, ...changed],
        keys.filter(({ key }) => !outdated.has(key)),
      ),
    );
    this.current = { install, index };
  }

  /** @param kept entries of other keys */
  private async read(names: readonly string[], kept: readonly IndexedKey[]): Promise<KeyIndex> {
    const keys = [...kept];
    let read = 0;
    for (const key of names) {
      // Unpacking thousands of configs at once would delay requests.
      if (++read % SLICE === 0) await new Promise(setImmediate);
      const config = this.quonfig.rawConfig(key);
      if (config === undefined) continue;
      const { type, valueType } = config;
      const patterns = [...patternsOf(config)];
      keys.push({ key, lowerCase: key.toLowerCase(), type, valueType, patterns });
      for (const { decryptWith } of storedValues(config)) {
        if (typeof decryptWith === 'string') this.decrypting.add(decryptWith);
      }
    }
    keys.sort((one, other) => (one.lowerCase < other.lowerCase ? -1 : 1));
    const all = keys.flatMap(({ key, patterns }) => patterns.map((pattern) => ({ key, pattern })));
    const patterns = await this.traced(all.slice(0, MAX_PATTERNS));
    return { keys, decrypting: this.decrypting, patterns, patternCount: all.length };
  }

  private async traced(patterns: readonly PatternOfKey[]): Promise<IndexedPattern[]> {
    const known = this.traces;
    this.traces = new Map();
    const traced: IndexedPattern[] = [];
    for (const { key, pattern } of patterns) {
      let trace = known.get(pattern) ?? this.traces.get(pattern);
      if (trace === undefined) {
        // One may take milliseconds.
        await new Promise(setImmediate);
        trace = traceOfPattern(pattern);
      }
      this.traces.set(pattern, trace);
      traced.push({ key, pattern, ...trace });
    }
    return traced;
  }
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
