import { belongsTo } from '../../model/index.js';
import { seconds } from '../seconds.js';

export const directoryIrregular = (directory: string): string =>
  `${directory} is a link, or is not a directory. Remove it, or set clusterDirectory`;

export const directoryOfOtherUser = (directory: string, owner: number): string =>
  `${directory} ${belongsTo(owner)}. Run all processes as the same user, or set clusterDirectory to a directory that the SDK can create`;

export const directoryOpen = (directory: string, mode: number): string =>
  `${directory} is open to other users: its mode is ${octal(mode)}. Set mode 0700, or set clusterDirectory to a directory that the SDK can create`;

export const directoryUnusable = (directory: string, code: string): string =>
  `${directory} cannot be used (${code}). Set clusterDirectory to a directory of this user`;

export const socketUnsafe = (path: string): string =>
  `${path} is not a socket of this user. Remove it`;

export const socketPathTooLong = (path: string, maxDirectoryBytes: number): string =>
  `${path} is too long for the path of a socket. Set clusterDirectory to one of at most ${maxDirectoryBytes} bytes`;

export const leaderUnreachable = (code: string): string =>
  `the leading process is unreachable (${code})`;

export const leaderSilent = (ms: number): string =>
  `nothing was received from the leading process for ${seconds(ms)}`;

export const leaderEnded = 'the leading process closed the connection';

export const peerInvalid =
  'the other process sent something unexpected: it does not know the SDK key, or it is another program. Find out what uses the socket';

export const envelopeOverLimit = (maxBytes: number): string =>
  `the envelope of the leading process exceeds ${maxBytes} bytes. If the workspace is that large, raise maxEnvelopeBytes`;

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');
