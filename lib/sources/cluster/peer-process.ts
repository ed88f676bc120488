import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process among those of all containers on the machine. Each container counts its own: the first is 1 in all of them. */
export interface PeerProcess {
  readonly pid: number;
  /** Where `pid` counts. Empty if the system has no such namespaces. */
  readonly pidNamespace: string;
  /** Host name of its container or machine, for messages. */
  readonly host: string;
}

export function ownProcess(): PeerProcess {
  return { pid: process.pid, pidNamespace: pidNamespace(), host: hostname() };
}

/** Whether the process ids of this process and of the other one are comparable. */
export function isInSameContainer(other: PeerProcess): boolean {
  return other.pidNamespace === pidNamespace();
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
