import { UnknownKeyError } from '../errors/index.js';
import type { OnUnknownKey } from '../interfaces/index.js';
import { closestName } from '../model/index.js';
import type { ConfigStore } from '../store/index.js';
import { furtherUnknownKeysOmitted, unknownKeyRead } from './reads.messages.js';

/** Bounds memory, log messages and searches for an application that takes keys from its users. */
const MAX_NAMES = 1_000;
const MAX_NAME_LENGTH = 200;
/** Stands for all keys that are too long to be remembered, or are not strings. */
const OTHERS = Symbol('others');

/**
 * A key that was read although no config has it.
 *
 * @publicApi
 */
export interface UnknownKey {
  /** The key, as it was read. */
  readonly key: string;
  /** A known key that is spelled like it. */
  readonly suggestion?: string;
}

interface UnknownName {
  readonly suggestion: string | undefined;
  warned: boolean;
}

interface UnknownKeySettings {
  readonly onUnknownKey: OnUnknownKey;
  warn(message: string): void;
}

/**
 * Applies `onUnknownKey` to reads of keys that no config has. Only such reads come here. What is remembered of a key
 * counts for one install, since the next may add it or a better suggestion. Before the first load, no key is unknown.
 */
export class UnknownKeys {
  private readonly names = new Map<string | symbol, UnknownName>();
  /** The install that the names are for. The snapshot itself would stay in memory. */
  private install = 0;
  private omissionLogged = false;

  constructor(
    private readonly store: ConfigStore,
    private readonly settings: UnknownKeySettings,
  ) {}

  /**
   * Applies the policy to a key if it is unknown.
   *
   * @returns whether a warning covers this read, so that no other one is needed
   * @throws {UnknownKeyError} `unknown_key` under `onUnknownKey: "throw"`
   */
  report(key: string): boolean {
    if (this.settings.onUnknownKey === 'throw' && this.includes(key)) {
      throw new UnknownKeyError(key, this.suggestionFor(key));
    }
    return this.warnOnce(key);
  }

  /** Like {@link report} where nothing may throw: `"throw"` logs the warning, too. */
  warnOnce(key: string): boolean {
    if (this.settings.onUnknownKey === 'silent' || !this.includes(key)) return false;
    const name = this.remembered(key);
    if (name?.warned) return true;
    if (name !== undefined) {
      // First, because the logger may read the same key.
      name.warned = true;
      this.settings.warn(unknownKeyRead(key, name.suggestion));
    } else if (!this.omissionLogged) {
      this.omissionLogged = true;
      this.settings.warn(furtherUnknownKeysOmitted);
    }
    return true;
  }

  /** Returns a known key that is spelled like this unknown one; searches once per key and install. */
  suggestionFor(key: string): string | undefined {
    return this.includes(key) ? this.remembered(key)?.suggestion : undefined;
  }

  /** The keys that were read since the last install; empty under `onUnknownKey: "silent"`. */
  get seen(): UnknownKey[] {
    if (this.install !== this.store.view) return [];
    const seen: UnknownKey[] = [];
    for (const [key, { suggestion }] of this.names) {
      if (typeof key === 'string')
        seen.push({ key, ...(suggestion !== undefined && { suggestion }) });
    }
    return seen;
  }

  protected includes(key: string): boolean {
    const { current } = this.store;
    return current !== undefined && current.stored(key) === undefined;
  }

  /** Returns `undefined` for a key that is one too many. */
  private remembered(key: string): UnknownName | undefined {
    const { names, store } = this;
    if (this.install !== store.view) {
      this.install = store.view;
      this.omissionLogged = false;
      names.clear();
    }
    const rememberable = typeof key === 'string' && key.length <= MAX_NAME_LENGTH;
    const id = rememberable ? key : OTHERS;
    const known = names.get(id);
    if (known !== undefined || names.size >= MAX_NAMES) return known;
    const suggestion = rememberable ? closestName(key, store.current!.keys()) : undefined;
    const added = { suggestion, warned: false };
    names.set(id, added);
    return added;
  }
}
