import { wrongOption } from './relay.messages.js';

/**
 * A key that clients of the relay authenticate with: any string, chosen by you. With `environment`, it is valid for that
 * environment only.
 *
 * @publicApi
 */
export type RelayKey =
  | string
  | {
      /** The key: at least 16 characters. */
      readonly key: string;
      /** Id of the environment that clients with this key receive. Default: the environment of the relay. */
      readonly environment?: string | undefined;
    };

/** Shorter keys can be guessed. */
const MIN_KEY_LENGTH = 16;

/** Returns why the list of keys of an option is unusable, without quoting a key. */
export function keyProblems(keys: unknown, option = 'keys'): string[] {
  if (!Array.isArray(keys))
    return [wrongOption(option, 'a list of keys, or an Observable of lists')];
  const known = new Set<unknown>();
  return keys.flatMap((entry: unknown, index) => {
    const { key, environment } = entryOf(entry);
    if (known.has(key)) {
      return [wrongOption(`${option}[${index}]`, 'different from the keys before it')];
    }
    known.add(key);
    if (typeof key !== 'string' || key.length < MIN_KEY_LENGTH) {
      return [
        wrongOption(`${option}[${index}]`, `a string of at least ${MIN_KEY_LENGTH} characters`),
      ];
    }
    if (key.trim() !== key) {
      return [wrongOption(`${option}[${index}]`, 'without white space at its ends')];
    }
    if (environment === undefined || (typeof environment === 'string' && environment !== '')) {
      return [];
    }
    return [wrongOption(`${option}[${index}].environment`, 'the id of an environment')];
  });
}

/** The parts of a given key. */
export function entryOf(entry: unknown): { key: unknown; environment: unknown } {
  if (typeof entry === 'object' && entry !== null) {
    const { key, environment } = entry as { key?: unknown; environment?: unknown };
    return { key, environment };
  }
  return { key: entry, environment: undefined };
}
