import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { isJsonObject } from '../model/index.js';
import {
  EncryptionKey,
  type PersistenceOptions,
  type PersistenceSettings,
  type PersistenceStore,
} from '../persistence/index.js';
import type { SdkKey } from '../requests/index.js';
import { givenPath } from '../sources/given-path.js';
import {
  type Accepted,
  BOOLEAN,
  isNonEmptyString,
  MILLISECONDS,
  nonEmptyString,
} from './accepted.js';
import { kindOf } from './kind.js';
import { onePersistencePlace, unknownOption, wrongKind } from './options.messages.js';

const STORE: Accepted = {
  accepted: 'an object with the methods get and set, such as a Keyv',
  accepts: (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const { get, set } = value as Record<string, unknown>;
    return typeof get === 'function' && typeof set === 'function';
  },
};

const ENCRYPTION_KEY: Accepted = {
  accepted: '32 bytes as 64 hex digits',
  accepts: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value),
};

const ROWS: ReadonlyMap<string, Accepted> = new Map(
  Object.entries({
    file: nonEmptyString('the path of a file'),
    store: STORE,
    maxAge: { ...MILLISECONDS, accepted: 'a number of milliseconds above 0', accepts: isPositive },
    preferCache: BOOLEAN,
    encryptionKey: ENCRYPTION_KEY,
  } satisfies { readonly [Name in keyof Required<PersistenceOptions>]: Accepted }),
);

/** Returns one line for each problem with the option `persistence`. Quotes no value. */
export function persistenceProblems({ persistence }: QuonfigModuleOptions): string[] {
  // Something else than an object has its own line.
  if (!isJsonObject(persistence)) return [];
  const given = Object.entries(persistence).filter(([, value]) => value !== undefined);
  const problems: string[] = [];
  for (const [name, value] of given) {
    const row = ROWS.get(name);
    const option = `persistence.${name}`;
    if (row === undefined) problems.push(unknownOption(option, undefined));
    else if (!row.accepts(value)) problems.push(wrongKind(option, kindOf(value), row.accepted));
  }
  const places = given.filter(([name]) => name === 'file' || name === 'store');
  if (places.length !== 1) problems.push(onePersistencePlace());
  return problems;
}

/** Returns the settings of persistence; `undefined` without the option. */
export function persistenceSettings(
  { persistence }: QuonfigModuleOptions,
  sdkKey: SdkKey,
  maxEnvelopeBytes: number,
): PersistenceSettings | undefined {
  if (persistence === undefined) return undefined;
  const { file, store, maxAge, preferCache = false, encryptionKey } = persistence;
  const owner = sdkKey.hash();
  return {
    ...(isNonEmptyString(file) ? filePlace(file!) : storePlace(store!)),
    key: `quonfig:${owner}`,
    owner,
    maxAge,
    preferCache,
    encryptionKey: encryptionKey === undefined ? undefined : new EncryptionKey(encryptionKey),
    maxBytes: maxEnvelopeBytes,
  };
}

function filePlace(file: string): Place {
  const { path } = givenPath(file);
  return { store: path, place: path };
}

function storePlace(store: PersistenceStore): Place {
  return { store, place: 'the store of the option persistence' };
}

type Place = Pick<PersistenceSettings, 'store' | 'place'>;

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
