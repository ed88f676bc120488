import { PackedConfig, type StoredConfig } from './packed-config.js';

/**
 * The configs that are held, in their order. In a new set most are as they were: those are found here by their bytes, and
 * need not be parsed again.
 */
export class HeldConfigs {
  private readonly configs: readonly PackedConfig[];
  /** Place after the one found last. */
  private next = 0;
  /** How many that are not held have come since then. */
  private strange = 0;

  constructor(held: Iterable<StoredConfig>) {
    this.configs = [...held].filter((config) => config instanceof PackedConfig);
  }

  get isEmpty(): boolean {
    return this.configs.length === 0;
  }

  /**
   * The held config whose whole text begins at this place. Looked for are the one that comes next, with those since the
   * last taken for changed or for added, and the one after it, had it been removed.
   */
  at(bytes: Buffer, from: number): PackedConfig | undefined {
    const { next, strange } = this;
    return (
      this.find(next + strange, bytes, from) ??
      this.find(next + strange + 1, bytes, from) ??
      this.find(next, bytes, from)
    );
  }

  /** What came is none of them. */
  missed(): void {
    this.strange++;
  }

  private find(place: number, bytes: Buffer, from: number): PackedConfig | undefined {
    const config = this.configs[place];
    if (config?.isAt(bytes, from) !== true) return undefined;
    this.next = place + 1;
    this.strange = 0;
    return config;
  }
}
