import { isInSameContainer, type PeerProcess } from '../../sources/cluster/peer-process.js';

export const leading = (path: string): string =>
  `This process follows Quonfig for all processes of this user with this SDK key (socket ${path}).`;

export const followingLeader = (leader: PeerProcess): string =>
  `Changes arrive through process ${leader.pid}${
    isInSameContainer(leader) ? '' : ` in another container (host name ${leader.host})`
  }, which follows Quonfig for this one too.`;

export const leaderLost = (reason: string): string =>
  `This process no longer follows another one: ${reason}. Reads are unaffected; it follows the next leading process, or leads itself.`;

export const leadershipEnded = (reason: 'preferred' | 'replaced'): string =>
  `This process no longer leads: ${
    reason === 'preferred'
      ? 'the primary of a cluster does'
      : 'its socket was removed, or another process replaced it'
  }. Reads are unaffected.`;

export const followsAlone = (reason: string): string =>
  `This process opens its own stream instead of sharing one: ${reason}. Reads are unaffected; it tries again every 30 s.`;

export const leaderRefused = (host: string, status: number): string =>
  `The leading process's stream from ${host} was refused with status ${status}; see the error in its log. Reads are unaffected, but receive no further changes.`;

export const noConfigsFromLeader = (lastError: string | undefined): string =>
  `the leading process has no configs yet${lastError === undefined ? '' : `: ${lastError}`}`;
