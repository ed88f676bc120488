import type { GuardVerdict } from '../model/index.js';

/**
 * Decides by generation whether an arriving envelope may replace the current configs, so that a late response or a lagging
 * server never rolls a process back.
 *
 * @param current generation of the current configs; `undefined` before the first install
 * @param arriving generation of the envelope; 0 if it has none
 */
export function guardInstall(current: number | undefined, arriving: number): GuardVerdict {
  if (current === undefined) return 'install';
  if (!(arriving > 0)) return current === 0 ? 'install' : 'unversioned';
  if (arriving > current) return 'install';
  return arriving === current ? 'equal' : 'older';
}
