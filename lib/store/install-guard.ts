import type { GuardVerdict } from '../model/index.js';

/**
 * Decides by generation whether an arriving set may replace the one that is held, so that a late or lagging answer never
 * takes a process back in time.
 *
 * @param held generation of the set that is held; `undefined` when nothing is
 */
export function guardInstall(held: number | undefined, arriving: number): GuardVerdict {
  if (held === undefined) return 'install';
  if (!(arriving > 0)) return held === 0 ? 'install' : 'unversioned';
  if (arriving > held) return 'install';
  return arriving === held ? 'equal' : 'older';
}
