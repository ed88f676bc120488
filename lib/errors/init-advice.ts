import { messageText } from './message-text.js';

/** The last sentence of `InitializationTimeoutError`. */
export const initAdvice = ' To start without configs, set onInitFailure to "return-defaults".';

/** Returns the message of an error without that advice, for a start that goes on. */
export function textWithoutInitAdvice(error: unknown): string {
  return messageText(error).replace(initAdvice, '');
}
