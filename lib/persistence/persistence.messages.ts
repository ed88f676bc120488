import { messageText } from '../errors/message-text.js';
import { belongsTo } from '../model/index.js';

const MAX_REASON = 2_000;
const UNAFFECTED = 'Reads are unaffected.';

export const contentDamaged = 'it is damaged';

export const contentOfOtherFormat = 'another version of the SDK wrote it in a different format';

export const contentForeign = 'it belongs to another SDK key';

export const contentEncrypted = 'it is encrypted; set persistence.encryptionKey';

export const contentUnencrypted = 'it is not encrypted, and persistence.encryptionKey is set';

export const contentUndecryptable =
  'it cannot be decrypted: persistence.encryptionKey differs, or the content was changed';

export const contentInvalid = (problem: string): string => `its envelope is invalid: ${problem}`;

export const contentTooLarge = (maxBytes: number): string =>
  `its envelope is larger than maxEnvelopeBytes, ${maxBytes} bytes`;

export const contentTooOld = (savedAt: Date, maxAge: number): string =>
  `it was saved at ${savedAt.toISOString()} and persistence.maxAge is ${maxAge} ms`;

export const fileIsLink = 'the file is a symbolic link';

export const fileIsIrregular = 'it is not a regular file';

export const fileOfOtherUser = (owner: number): string => `the file ${belongsTo(owner)}`;

export const directoryOfOtherUser = (owner: number): string =>
  `its directory, or a link in its place, ${belongsTo(owner)}`;

export const fileWritableByOthers = 'users other than its owner may write to the file';

export const fileTooLarge = (maxBytes: number): string =>
  `the file is larger than ${maxBytes} bytes`;

export const storeTimedOut = (ms: number): string => `the store did not respond within ${ms} ms`;

export const storeStillBusy = 'the store has not responded to an earlier call yet';

export const storeRefused = 'the store returned false';

export const savedUnusable = (place: string, error: unknown): string =>
  `The content of ${place} is not used: ${messageText(error)}. It is replaced after the next install.`;

export const readFailed = (place: string, error: unknown): string =>
  `Reading saved configs from ${place} failed: ${reasonOf(error)}. The SDK starts from the network alone.`;

export const writeFailed = (place: string, error: unknown): string =>
  `Saving configs to ${place} failed: ${reasonOf(error)}. ${UNAFFECTED} The SDK tries again after the next install.`;

export const writeRecovered = (place: string): string => `Configs are saved to ${place} again.`;

/** An error of a store can contain its URL, and the URL a password. */
const reasonOf = (error: unknown): string =>
  messageText(error)
    .slice(0, MAX_REASON)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/:\/\/\S*@/g, '://')
    .replace(/\b(pass|password|passwd|pwd|secret|token|key)=[^\s&;]+/gi, '$1=…')
    .replace(/\.$/, '');
