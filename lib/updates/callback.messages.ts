import { stackText } from '../errors/stack-text.js';

export const callbackFailed = (name: string, error: unknown): string =>
  `${name} failed on a config update. The update stays in effect and other handlers are unaffected. Fix the handler. ${stackText(error)}`;

export const subscriberFailed = (name: string, error: unknown): string =>
  `${name} failed. Reads, updates and other subscribers are unaffected. Fix the subscriber. ${stackText(error)}`;
