import { stackText } from '../errors/stack-text.js';

export const callbackFailed = (name: string, error: unknown): string =>
  `${name} failed on a config update. The update stays in effect and other handlers are unaffected. Fix the handler. ${stackText(error)}`;
