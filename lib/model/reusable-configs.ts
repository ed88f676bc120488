import { PackedConfig, type StoredConfig } from './packed-config.js';

/**
 * The current configs, in document order, as candidates for reuse. Most configs of a new envelope are byte for byte the
 * current ones; reusing them saves parsing, memory and later comparisons.
 *
 * Both documents list their configs in nearly the same order, so a cursor replaces an index: each lookup compares at most
 * three candidates, however many configs there are. A config that moved far is not found; it is parsed again.
 */
export class ReusableConfigs {
  private readonly configs: readonly PackedConfig[];
  /** Index after the latest match. */
  private cursor = 0;
  /** How many configs since the latest match were new or changed. */
  private unmatched = 0;

  constructor(current: Iterable<StoredConfig>) {
    this.configs = [...current].filter((config) => config instanceof PackedConfig);
  }

  get isEmpty(): boolean {
    return this.configs.length === 0;
  }

  /**
   * Returns the current config whose JSON starts at this offset in full. The candidates, in order: the next config if all
   * unmatched ones were changes, the one after it if that one was removed, the next one if all unmatched ones were added.
   */
  matchAt(bytes: Buffer, offset: number): PackedConfig | undefined {
    const { cursor, unmatched } = this;
    return (
      this.tryMatch(cursor + unmatched, bytes, offset) ??
      this.tryMatch(cursor + unmatched + 1, bytes, offset) ??
      this.tryMatch(cursor, bytes, offset)
    );
  }

  /** Counts a config of the new envelope that matched no current one. */
  countUnmatched(): void {
    this.unmatched++;
  }

  private tryMatch(index: number, bytes: Buffer, offset: number): PackedConfig | undefined {
    const config = this.configs[index];
    if (config?.matchesAt(bytes, offset) !== true) return undefined;
    this.cursor = index + 1;
    this.unmatched = 0;
    return config;
  }
}
