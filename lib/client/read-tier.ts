import type { Contexts, ContextTier } from '../model/index.js';
import type { AmbientContexts } from './ambient-contexts.js';

/** The contexts behind the reads of one reader: its bound ones, those of the current request, and those of the service. */
export class ReadTier {
  /** Outside of every request. Made once: most reads of most services need no other. */
  private readonly fixed: ContextTier | undefined;
  private lastBase: ContextTier | undefined;
  private last: ContextTier | undefined;

  private constructor(
    private readonly ambient: AmbientContexts,
    /** Absent for the service itself. */
    private readonly bound?: ContextTier['contexts'],
    private readonly outer?: ReadTier,
  ) {
    this.fixed = this.over(ambient.outermost);
  }

  /** The contexts of a service. */
  static of(ambient: AmbientContexts): ReadTier {
    return new ReadTier(ambient);
  }

  /** Binds contexts over these. They are copied. */
  bind(contexts: Contexts): ReadTier {
    const copy = this.ambient.tierOf(contexts)?.contexts;
    return copy === undefined ? this : new ReadTier(this.ambient, copy, this);
  }

  /**
   * The tier for a read now. The same object as long as nothing changes. Kept this small so that the engine inlines it into
   * every read.
   */
  get current(): ContextTier | undefined {
    return this.ambient.active ? this.inScope() : this.fixed;
  }

  private inScope(): ContextTier | undefined {
    const base = this.ambient.tier;
    if (base === this.ambient.outermost) return this.fixed;
    if (this.bound === undefined) return base;
    if (this.last === undefined || base !== this.lastBase) {
      this.lastBase = base;
      this.last = this.over(base);
    }
    return this.last;
  }

  private over(base: ContextTier | undefined): ContextTier | undefined {
    if (this.bound === undefined) return base;
    return { contexts: this.bound, outer: this.outer?.over(base) };
  }
}
