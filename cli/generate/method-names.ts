/** Names with a meaning of their own: for JavaScript, for `await`, for Nest. */
const RESERVED = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'onApplicationShutdown',
  'beforeApplicationShutdown',
]);

/** The name of the method for a key: `checkout.new-flow` → `checkoutNewFlow`, `2fa` → `_2fa`. */
export function methodName(key: string): string {
  const words = key.split(/[^\p{L}\p{N}$_]+/u).filter((word) => word !== '');
  const name = words
    .map((word, index) => (index === 0 ? startingLower(word) : startingUpper(word)))
    .reduce(
      (before, word) => before + (/\p{N}$/u.test(before) && /^\p{N}/u.test(word) ? '_' : '') + word,
      '',
    );
  return name === '' || /^\p{N}/u.test(name) || RESERVED.has(name) ? `_${name}` : name;
}

const startingUpper = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `Checkout` → `checkout`, `HTTP` → `http`. */
function startingLower(word: string): string {
  return word === word.toUpperCase()
    ? word.toLowerCase()
    : word.charAt(0).toLowerCase() + word.slice(1);
}

/** Groups of keys whose methods would have the same name. */
export function nameConflicts(keys: readonly string[]): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const key of keys) {
    const name = methodName(key);
    byName.set(name, [...(byName.get(name) ?? []), key]);
  }
  return new Map([...byName].filter(([, same]) => same.length > 1));
}
