import type { QuonfigUpdate } from '../interfaces/index.js';
import type { KeyFilter } from '../model/index.js';
import { SnapshotUpdate } from '../store/index.js';
import type { CallbackRunner } from '../updates/callback-runner.js';
import type { HandlerKeys } from './handler-keys.js';
import type { QuonfigUpdateExplorer, UpdateHandler } from './quonfig-update.explorer.js';

type Method = (update: QuonfigUpdate) => unknown;

/** Calls the handlers with updates. A handler that fails affects no other. */
export class UpdateHandlers {
  private readonly handlers: UpdateHandler[] = [];

  constructor(
    private readonly explorer: QuonfigUpdateExplorer,
    private readonly callbacks: CallbackRunner,
    private readonly keys: HandlerKeys | undefined,
  ) {}

  /** Adds the handlers of modules loaded since the last call. */
  discover(): void {
    const found = this.explorer.explore();
    this.handlers.push(...found);
    for (const { label, keys, filter } of found) {
      this.callbacks.register(label, filter.everything ? [] : keys);
    }
    this.keys?.check(found);
  }

  deliver(update: QuonfigUpdate): void {
    this.discover();
    for (const { instance, method, label, filter } of this.handlers) {
      this.callbacks.run(label, () => {
        if (!touches(update, filter)) return;
        // Access the method at each call, so that a spy set on the instance takes effect.
        return (instance as Record<string | symbol, Method>)[method]!(update);
      });
    }
  }
}

/** Accepts plain objects too, because an overridden service may emit them. */
function touches(update: QuonfigUpdate, filter: KeyFilter): boolean {
  if (update instanceof SnapshotUpdate) return update.touches(filter);
  const { added, changed, removed } = update;
  return filter.everything || [added, changed, removed].some((keys) => keys.some(filter.matches));
}
