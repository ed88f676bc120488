import { seconds } from '../seconds.js';

export const directoryUnsafe = (directory: string): string =>
  `${directory} is a link, belongs to another user, or is open to others. Remove it, or set clusterDirectory`;

export const directoryUnusable = (directory: string, code: string): string =>
  `${directory} cannot be used (${code}). Set clusterDirectory to a directory of this user`;

export const socketUnsafe = (path: string): string =>
  `${path} is not a socket of this user. Remove it`;

export const socketPathTooLong = (path: string): string =>
  `${path} is too long for the path of a socket. Set clusterDirectory to a shorter one`;

export const leaderUnreachable = (code: string): string =>
  `the leading process is unreachable (${code})`;

export const leaderSilent = (ms: number): string =>
  `nothing was received from the leading process for ${seconds(ms)}`;

export const leaderEnded = 'the leading process closed the connection';

export const peerInvalid =
  'the other process sent something unexpected: it does not know the SDK key, or it is another program. Find out what uses the socket';

export const envelopeOverLimit = (maxBytes: number): string =>
  `the envelope of the leading process exceeds ${maxBytes} bytes. If the workspace is that large, raise maxEnvelopeBytes`;
