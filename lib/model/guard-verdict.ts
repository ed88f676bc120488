/**
 * What the install guard decides about an envelope from the network: install it, or drop it because its generation is
 * equal to the current one, older, or missing.
 */
export type GuardVerdict = 'install' | 'equal' | 'older' | 'unversioned';
