import type { IncomingMessage } from 'node:http';
import { isObservable, type Observable } from 'rxjs';
import type { Contexts } from '../../index.js';
import { entryOf, keyProblems, type RelayKey } from '../key-list.js';
import { wrongOption } from '../relay.messages.js';

/**
 * Serves evaluated values to browser and mobile SDKs.
 *
 * @publicApi
 */
export interface RelayEvaluationOptions {
  /**
   * The keys of these clients. Everybody can read a key in a browser, so it gives access to evaluated values only. It must not
   * be one of the keys of servers.
   */
  keys: readonly RelayKey[] | Observable<readonly RelayKey[]>;
  /** The origins whose pages may read responses, such as `https://app.example.com`. Default: all. */
  origins?: readonly string[] | undefined;
  /**
   * Returns contexts that the server knows, such as the user of a session cookie. They replace contexts of the same
   * name that the client sends, because a client can claim anything. If it throws, rejects or takes longer than 10 s,
   * the request gets status 500.
   */
  contexts?:
    | ((request: IncomingMessage) => Contexts | undefined | Promise<Contexts | undefined>)
    | undefined;
}

/** @param serverKeys the keys of servers */
export function evaluationProblems(given: unknown, serverKeys: unknown): string[] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null) return [wrongOption('evaluations', 'an object')];
  const { keys, origins, contexts } = given as Record<string, unknown>;
  const problems = isObservable(keys) ? [] : keyProblems(keys, 'evaluations.keys');
  if (problems.length === 0 && shareOne(keys, serverKeys)) {
    problems.push(wrongOption('evaluations.keys', 'different from keys, which open all configs'));
  }
  if (origins !== undefined && !(Array.isArray(origins) && origins.every(isOrigin))) {
    const accepted = 'a list of origins such as "https://app.example.com", without a path';
    problems.push(wrongOption('evaluations.origins', accepted));
  }
  if (contexts !== undefined && typeof contexts !== 'function') {
    problems.push(wrongOption('evaluations.contexts', 'a function'));
  }
  return problems;
}

function shareOne(some: unknown, others: unknown): boolean {
  if (!Array.isArray(some) || !Array.isArray(others)) return false;
  const known = new Set(others.map((entry) => entryOf(entry).key));
  return some.some((entry) => known.has(entryOf(entry).key));
}

function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && URL.canParse(text) && new URL(text).origin === text;
}
