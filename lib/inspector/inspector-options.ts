import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { InvalidOptionsError, type NamedContexts } from '../index.js';
import * as messages from './inspector.messages.js';

/**
 * Decides who may open the inspector.
 *
 * @param request request of the HTTP framework: Express or Fastify
 * @param response its response, for headers such as `WWW-Authenticate`
 * @returns whether the request is allowed; `false` is answered with 403
 * @publicApi
 */
// Express and Fastify have different types; an application annotates the one it uses.
export type InspectorAuthorization = (request: any, response: any) => boolean | Promise<boolean>;

/**
 * Which contexts the inspector keeps.
 *
 * @publicApi
 */
export interface RecentContextsOptions {
  /** How many contexts are kept, 1 to 500; the oldest ones go first. Default 50. */
  max?: number | undefined;
  /**
   * Returns what may be shown of the contexts of a read; `undefined` keeps none of it. Contexts whose redaction throws are
   * not kept. Default: everything is shown.
   */
  redact?: ((contexts: NamedContexts) => NamedContexts | undefined) | undefined;
}

/**
 * Who may have other values in their own requests.
 *
 * @publicApi
 */
export interface OverridesOptions {
  /** Signs the overrides: 32 characters or more, the same in all processes. Whoever knows it can override values. */
  secret: string;
  /** How long overrides last, in ms. Default 3600000, an hour. */
  maxAgeMs?: number | undefined;
  /** Keys that may be overridden in production. Default: none. */
  allowInProduction?: readonly string[] | undefined;
}

/**
 * Options of {@link QuonfigInspectorModule}.
 *
 * @publicApi
 */
export interface QuonfigInspectorOptions {
  /** Where the page is, below the global prefix. Default `/quonfig`. */
  path?: string | undefined;
  /** Guards of the page and everything below it: classes, which Nest creates, or instances. */
  guard?: GuardOption | readonly GuardOption[] | undefined;
  /** Modules that export what the guard classes inject. */
  imports?: ModuleMetadata['imports'];
  /** Decides who may open the page, without a guard class. Runs after `guard`. */
  authorize?: InspectorAuthorization | undefined;
  /**
   * Lets everyone who reaches the path see all rules, even in production. Only set it if something in front of the
   * application decides who that is. Default `false`.
   */
  allowUnprotected?: boolean | undefined;
  /** Name of the instance. Default: the unnamed one. */
  name?: string | undefined;
  /**
   * Keeps contexts of recent reads in memory, for the page to choose from. They contain data of your users: redact what
   * the people who open the page should not see. Each read then costs more. Default `false`.
   */
  recentContexts?: boolean | RecentContextsOptions | undefined;
  /**
   * Lets people who open the page override flags and configs in their own requests, with a signed cookie or header.
   * Default: the page is read-only.
   */
  overrides?: OverridesOptions | undefined;
}

/**
 * A guard: its class, or an instance.
 *
 * @publicApi
 */
export type GuardOption = Type<CanActivate> | CanActivate;

/** Where the page is, if the options do not say. */
export const DEFAULT_PATH = '/quonfig';

/** Without "." and "..", which clients resolve before they ask. */
const PATH = /^\/?(?!\.+(\/|$))[\w.~-]+(\/(?!\.+(\/|$))[\w.~-]+)*\/?$/;
const MAX_CONTEXTS = 500;
const MIN_SECRET = 32;
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

/** Whether this process serves the public. Misspelling the variable must not open the page. */
export function isProduction(): boolean {
  return /^\s*prod(uction)?\s*$/i.test(process.env['NODE_ENV'] ?? '');
}

/** Whether the options say who may open the page. */
export function isProtected({ guard, authorize }: QuonfigInspectorOptions): boolean {
  return guardsOf(guard).length > 0 || authorize !== undefined;
}

export function guardsOf(guard: QuonfigInspectorOptions['guard']): GuardOption[] {
  if (guard === undefined) return [];
  return Array.isArray(guard) ? [...(guard as GuardOption[])] : [guard as GuardOption];
}

/** @throws {InvalidOptionsError} `invalid_options`: names all problems */
export function checkOptions(options: QuonfigInspectorOptions, production: boolean): void {
  const { path = DEFAULT_PATH, authorize, recentContexts } = options;
  const problems: string[] = [];
  if (typeof path !== 'string' || !PATH.test(path)) problems.push(messages.wrongPath);
  if (authorize !== undefined && typeof authorize !== 'function') {
    problems.push(messages.wrongAuthorize);
  }
  if (typeof recentContexts === 'object') problems.push(...contextProblems(recentContexts));
  if (options.overrides !== undefined) problems.push(...overrideProblems(options.overrides));
  if (production && !isProtected(options) && options.allowUnprotected !== true) {
    problems.push(messages.unprotected);
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

function overrideProblems(overrides: OverridesOptions): string[] {
  const { secret, maxAgeMs, allowInProduction = [] } = overrides;
  const problems: string[] = [];
  if (typeof secret !== 'string' || secret.length < MIN_SECRET) problems.push(messages.wrongSecret);
  if (maxAgeMs !== undefined && !(maxAgeMs >= 1000 && maxAgeMs <= MAX_AGE_MS)) {
    problems.push(messages.wrongMaxAge);
  }
  if (
    !Array.isArray(allowInProduction) ||
    allowInProduction.some((key) => typeof key !== 'string')
  ) {
    problems.push(messages.wrongAllowed);
  }
  return problems;
}

function contextProblems({ max, redact }: RecentContextsOptions): string[] {
  const problems: string[] = [];
  if (max !== undefined && !(Number.isInteger(max) && max > 0 && max <= MAX_CONTEXTS)) {
    problems.push(messages.wrongMax);
  }
  if (redact !== undefined && typeof redact !== 'function') problems.push(messages.wrongRedact);
  return problems;
}
