import { furtherWarningsOmitted } from './logging.messages.js';

/** Bounds the memory for logged messages; beyond it, new messages are dropped. */
const MAX_MESSAGES = 1_000;

/** Wraps a log function so that it logs each message once. */
export function oncePerMessage(log: (message: string) => void): (message: string) => void {
  const logged = new Set<string>();
  return (message) => {
    if (logged.has(message) || logged.size > MAX_MESSAGES) return;
    logged.add(message);
    log(logged.size > MAX_MESSAGES ? furtherWarningsOmitted : message);
  };
}
