import { furtherWarningsOmitted } from './logging.messages.js';

/** Distinct messages remembered; past it, new ones are dropped rather than repeated without end. */
const MAX_REMEMBERED = 1_000;

/** Lets each message through once. */
export function oncePerMessage(log: (message: string) => void): (message: string) => void {
  const seen = new Set<string>();
  return (message) => {
    if (seen.has(message) || seen.size > MAX_REMEMBERED) return;
    seen.add(message);
    log(seen.size > MAX_REMEMBERED ? furtherWarningsOmitted : message);
  };
}
