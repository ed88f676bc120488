import { messageText } from '../../errors/message-text.js';

export const suspendedAtFork = (): string =>
  'This process forked a worker, so the service is suspended (cluster is "suspend-primary"). Reads are unaffected; call resume() to receive changes again.';

export const forkFailed = (reason: unknown): string =>
  `The service could not be suspended at the fork and continues as before. Reads are unaffected. Call suspend() yourself. ${messageText(reason)}`;
