import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';
import { isInSameContainer } from '../../sources/cluster/peer-process.js';
import type { ClusterMember } from './cluster-member.js';

/**
 * How a process with `cluster: "shared"` receives its configs: it leads; another process leads, which is the primary of its
 * cluster (`via primary`) or not (`via leader`); by itself, because it cannot share (`alone`); or not at present (`none`).
 *
 * @publicApi
 */
export type ClusterRole = 'leader' | 'via primary' | 'via leader' | 'alone' | 'none';

/** Whether this process leads in preference to others: neither workers of a cluster nor threads should. */
export function isPreferred(): boolean {
  return isMainThread && cluster.isPrimary;
}

export function clusterRoleOf({ role, link }: ClusterMember): ClusterRole {
  if (role === 'seeking') return 'none';
  if (role !== 'follower') return role;
  const leader = link?.leader;
  const isPrimary = cluster.isWorker && leader?.pid === process.ppid && isInSameContainer(leader);
  return isPrimary ? 'via primary' : 'via leader';
}
