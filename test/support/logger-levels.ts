import { config, value, when } from './configs.js';

/** The key of the config that `levels` returns. */
export const loggerKey = 'levels';

/** A value: the name of a level of Quonfig. */
export const level = (name: string) => value('log_level', name);

/** Matches the loggers of these paths. */
export const forPath = (...paths: string[]) =>
  when('PROP_IS_ONE_OF', 'quonfig-sdk-logging.key', paths);

/** A config of log levels with these rules. */
export const levels = (...rules: Parameters<typeof config>[2]) =>
  config(loggerKey, 'log_level', rules, 'log_level');
