import type { SdkLogger } from '../interfaces/index.js';
import { closestName, keyFilter } from '../model/index.js';
import { handlerKeyUnknown } from './nest.messages.js';
import type { UpdateHandler } from './quonfig-update.explorer.js';

/** Warns of update handlers with a key or pattern that matches no config: a misspelled one would never be called. */
export class HandlerKeys {
  private unchecked: UpdateHandler[] = [];

  constructor(
    /** The keys of all configs; `undefined` before the first load, when no key is unknown yet. */
    private readonly knownKeys: () => readonly string[] | undefined,
    private readonly logger: SdkLogger,
  ) {}

  /** Checks these handlers once, as soon as configs are loaded. */
  check(handlers: readonly UpdateHandler[]): void {
    this.unchecked.push(...handlers);
    const known = this.unchecked.length === 0 ? undefined : this.knownKeys();
    if (known === undefined) return;
    for (const { label, keys } of this.unchecked.splice(0)) {
      for (const key of new Set(keys)) {
        if (known.some(keyFilter([key]).matches)) continue;
        const closest = key.includes('*') ? undefined : closestName(key, known);
        this.logger.warn(handlerKeyUnknown(label, key, closest));
      }
    }
  }
}
