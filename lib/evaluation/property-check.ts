import type { PropertyRecord } from '../model/index.js';
import type { Check } from './checks.js';
import { hasOwn } from './property.js';

/** A check of one property of a context. */
export class PropertyCheck {
  readonly whenAbsent: boolean;

  constructor(
    readonly name: string,
    private readonly check: Check,
  ) {
    this.whenAbsent = check(undefined);
  }

  /** Only own properties count. Throws if a getter or proxy throws. */
  holdsIn(context: PropertyRecord | undefined): boolean {
    if (context === undefined) return this.whenAbsent;
    const holds = this.check(context[this.name]);
    // Check ownership only if it can change the result.
    return holds === this.whenAbsent || hasOwn(context, this.name) ? holds : this.whenAbsent;
  }
}
