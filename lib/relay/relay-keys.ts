import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Observable, Subject, type Subscription } from 'rxjs';
import { keysFailed, keysRefused } from './relay.messages.js';
import { entryOf, keyProblems, type RelayKey } from './key-list.js';

/** A key that is valid now. It does not contain the key itself. */
export interface AcceptedKey {
  /** Identifies the key in this process only. */
  readonly id: string;
  /** `undefined`: the environment of the relay. */
  readonly environment: string | undefined;
}

interface Entry extends AcceptedKey {
  readonly digest: Buffer;
}

/**
 * The keys of clients. Only their digests are kept, under a secret of this process.
 *
 * A digest says nothing about how much of a key was right, so looking one up cannot be timed to guess a key; the comparison
 * itself takes constant time, and an unknown key is compared, too.
 */
export class RelayKeys {
  readonly #secret = randomBytes(32);
  #entries: ReadonlyMap<string, Entry> | undefined;
  private readonly nobody: Entry = { id: '', environment: undefined, digest: randomBytes(32) };
  private readonly changes = new Subject<void>();
  private subscription: Subscription | undefined;
  private readonly logger = new Logger('QuonfigRelay');

  /** Emits when keys were added or removed. */
  readonly changed$: Observable<void> = this.changes.asObservable();

  /** Accepts each list of keys from now on. */
  follow(keys$: Observable<readonly RelayKey[]>): void {
    this.subscription = keys$.subscribe({
      next: (keys) => this.replace(keys),
      error: (reason: unknown) =>
        this.logger.error(keysFailed(reason instanceof Error ? reason.name : typeof reason)),
    });
  }

  /** Whether there has been a list of keys. */
  get known(): boolean {
    return this.#entries !== undefined;
  }

  get accepted(): readonly AcceptedKey[] {
    return [...(this.#entries?.values() ?? [])];
  }

  /** Whether a key that was accepted is still valid, for the same environment. */
  accepts({ id, environment }: AcceptedKey): boolean {
    const entry = this.#entries?.get(id);
    return entry !== undefined && entry.environment === environment;
  }

  /** Returns the key of an `Authorization` header; `undefined` if it is unknown, after the same work. */
  find(authorization: string | undefined): AcceptedKey | undefined {
    const digest = this.digestOf(keyIn(authorization));
    const entry = this.#entries?.get(digest.toString('base64')) ?? this.nobody;
    return timingSafeEqual(entry.digest, digest) ? entry : undefined;
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.changes.complete();
  }

  private replace(keys: readonly RelayKey[]): void {
    const problems = keyProblems(keys);
    if (problems.length > 0) {
      this.logger.error(keysRefused(problems));
      return;
    }
    const entries = new Map<string, Entry>();
    for (const given of keys) {
      const { key, environment } = entryOf(given) as { key: string; environment?: string };
      const digest = this.digestOf(key);
      const id = digest.toString('base64');
      entries.set(id, { id, environment, digest });
    }
    this.#entries = entries;
    this.changes.next();
  }

  private digestOf(key: string): Buffer {
    return createHmac('sha256', this.#secret).update(key).digest();
  }
}

/**
 * The key in `Basic base64("1:" + key)`; empty if the header is anything else, so that the work stays the same. Newer browser
 * SDKs send "u:".
 */
function keyIn(authorization = ''): string {
  const [, credentials = ''] = /^basic +([\w+/=-]+) *$/i.exec(authorization) ?? [];
  const text = Buffer.from(credentials, 'base64').toString();
  return /^[1u]:/.test(text) ? text.slice(2) : '';
}
