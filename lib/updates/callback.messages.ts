import { stackText } from '../errors/stack-text.js';

export const callbackFailed = (name: string, error: unknown): string =>
  `${name} failed on an update of the configs. The update stays in force and other handlers are called. ${stackText(error)}`;
