import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { SdkKey } from '../../requests/index.js';
import { ownProcess, type PeerProcess } from './peer-process.js';
import { peerInvalid } from './cluster.messages.js';
import { LinkError } from './link-error.js';

/** Version of what processes send each other. It is part of the socket's name, so other versions never meet. */
export const FORMAT = 1;
/** How long either side waits for the handshake, in ms. */
export const HANDSHAKE_MS = 5_000;
const NONCE = /^[0-9a-f]{32}$/;

/** How a process introduces itself. */
export interface Hello extends PeerProcess {
  readonly nonce: string;
  /** Whether it leads in preference to others: it is not a worker of a cluster. */
  readonly preferred: boolean;
}

export function newHello(preferred: boolean): Hello {
  return { nonce: randomBytes(16).toString('hex'), ...ownProcess(), preferred };
}

/** @throws {LinkError} `invalid`: it is not an introduction */
export function helloIn(candidate: Record<string, unknown>): Hello {
  const { nonce, pid, pidNamespace, host, preferred } = candidate;
  const valid =
    typeof nonce === 'string' &&
    NONCE.test(nonce) &&
    Number.isInteger(pid) &&
    typeof pidNamespace === 'string' &&
    typeof host === 'string' &&
    typeof preferred === 'boolean';
  if (!valid) throw new LinkError('invalid', peerInvalid);
  return { nonce, pid: pid as number, pidNamespace, host, preferred };
}

/** Proves that one side knows the SDK key, to this peer and in this connection only. */
export function proofOf(
  side: 'leader' | 'follower',
  { nonce: leader }: Hello,
  { nonce: follower }: Hello,
  sdkKey: SdkKey,
): string {
  return sdkKey.prove(`cluster ${FORMAT} ${side} ${leader} ${follower}`);
}

/** @throws {LinkError} `invalid`: the proof is another one */
export function checkProof(given: unknown, expected: string): void {
  const bytes = Buffer.from(typeof given === 'string' ? given : '');
  const right = Buffer.from(expected);
  if (bytes.length === right.length && timingSafeEqual(bytes, right)) return;
  throw new LinkError('invalid', peerInvalid);
}
