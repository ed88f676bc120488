import type { WarnsOnce } from '../model/index.js';

/** The side effects that evaluation needs; everything else about it is pure. */
export interface EvaluationHost extends WarnsOnce {
  /** Returns the time, in ms since the epoch. */
  now(): number;
  /** Returns a random number, 0 inclusive to 1 exclusive. */
  random(): number;
  /** Returns an environment variable. */
  env(name: string): string | undefined;
}
