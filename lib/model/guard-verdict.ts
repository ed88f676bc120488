/**
 * What becomes of a set of configs that arrives over the network: installed, nothing new, older than what is held, or
 * without a generation to compare. Only `install` changes anything.
 */
export type GuardVerdict = 'install' | 'equal' | 'older' | 'unversioned';
