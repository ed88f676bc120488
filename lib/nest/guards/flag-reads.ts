import type { QuonfigService } from '../../client/quonfig.service.js';
import { MissingDefaultError, TestValueError, UnknownKeyError } from '../../errors/index.js';
import { sameJson } from '../../model/index.js';
import type { FlagAnswers, Verdict } from './flag-requirement.js';
import { noConfigsLoaded } from './guards.messages.js';

/** A service, or what a test provides in its place. */
export type FlagService = Pick<QuonfigService, 'get' | 'isEnabled'> &
  Partial<Pick<QuonfigService, 'ready'>>;

/** Equals nothing that a requirement can name. */
const NO_VALUE = Symbol('no value');

/** Reads the flags of one requirement. A flag without a config or a value is off. */
export class FlagReads implements FlagAnswers {
  /** Why a verdict is unknown. */
  failure: string | undefined;

  constructor(private readonly service: FlagService) {}

  isOn(key: string): Verdict {
    return this.attempt(() => this.service.isEnabled(key));
  }

  equals(key: string, expected: unknown): Verdict {
    return this.attempt(() =>
      sameJson(this.service.get<unknown>(key, undefined, NO_VALUE), expected),
    );
  }

  private attempt(read: () => boolean): Verdict {
    if (this.service.ready?.() === false) {
      this.failure = noConfigsLoaded;
      return undefined;
    }
    try {
      return read();
    } catch (error) {
      // Denied, a test would pass that expects a flag to be off.
      if (error instanceof TestValueError) throw error;
      if (error instanceof UnknownKeyError || error instanceof MissingDefaultError) return false;
      this.failure = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }
}
