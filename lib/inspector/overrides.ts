import type { HttpServer } from '@nestjs/common';
import type { QuonfigService } from '../index.js';
import { cookiesIn, type InspectorRequest, isSecure, Refusal } from './inspector-request.js';
import type { OverridesOptions } from './inspector-options.js';
import { overridesTooLarge, valueNotOverridable } from './inspector.messages.js';
import { type HttpResponse, keepFromCaches, rawOf, signalOf } from './overridden-response.js';
import {
  MAX_TOKEN,
  type OverrideGrant,
  OverrideTokens,
  type OverrideValues,
} from './override-token.js';
import { hiddenOf, storedValues } from './shown-value.js';

/** Names the overridden keys in every response that they may have changed. */
const RESPONSE_HEADER = 'x-quonfig-overridden';
/** Carries a token where there are no cookies. */
const REQUEST_HEADER = 'x-quonfig-overrides';
const DEFAULT_MAX_AGE_MS = 60 * 60 * 1000;

/** What the page shows of overrides. */
export interface OverridesView {
  readonly enabled: boolean;
  readonly values: OverrideValues;
  /** When they end; absent if there are none. */
  readonly expiresAt?: string;
  /** Keys that may be overridden; absent if every flag and config may. */
  readonly allowed?: readonly string[];
}

type Entry = (request: InspectorRequest, response: HttpResponse, next: () => void) => void;

/** Lets testers have other values in their own requests, by a signed cookie or header. */
export class Overrides {
  private readonly tokens: OverrideTokens;
  private readonly cookie: string;
  private readonly maxAgeMs: number;
  /** `undefined` if every key may be overridden. */
  readonly allowed: ReadonlySet<string> | undefined;

  constructor(
    options: OverridesOptions,
    private readonly quonfig: QuonfigService,
    name = '',
    production: boolean,
  ) {
    this.maxAgeMs = options.maxAgeMs ?? DEFAULT_MAX_AGE_MS;
    this.tokens = new OverrideTokens(options.secret, name, this.maxAgeMs);
    this.cookie = name === '' ? 'quonfig-overrides' : `quonfig-overrides-${encoded(name)}`;
    this.allowed = production ? new Set(options.allowInProduction) : undefined;
  }

  /**
   * Applies the overrides of each request to everything that it starts, until its response is complete. It must be called
   * before routes are registered. On Fastify a middleware cannot do it: a body that is parsed after it loses the scope.
   */
  openOn(adapter: HttpServer): void {
    const enter: Entry = (request, response, next) => {
      const grant = this.grantOf(request);
      const values = this.usable(grant?.values ?? {});
      const keys = Object.keys(values);
      if (grant === undefined || keys.length === 0) return next();
      const raw = rawOf(response);
      // Another instance may add its own.
      raw.appendHeader(RESPONSE_HEADER, keys.map(encoded).join(','));
      keepFromCaches(raw);
      this.quonfig.withOverrides(values, next, signalOf(raw, grant.expiresAt));
    };
    if (adapter.getType() === 'fastify') {
      (adapter.getInstance() as FastifyInstance).addHook('preValidation', enter);
    } else {
      adapter.use(enter as never);
    }
  }

  view(request: InspectorRequest): OverridesView {
    const grant = this.grantOf(request);
    const values = this.usable(grant?.values ?? {});
    const some = grant !== undefined && Object.keys(values).length > 0;
    return {
      enabled: true,
      values,
      ...(some && { expiresAt: new Date(grant.expiresAt).toISOString() }),
      ...(this.allowed && { allowed: [...this.allowed] }),
    };
  }

  /**
   * Returns the cookie that sets these overrides instead of all others.
   *
   * @throws {Refusal} a key cannot be overridden with its value
   */
  cookieFor(request: InspectorRequest, values: OverrideValues): string {
    for (const [key, value] of Object.entries(values)) {
      if (!this.isUsable(key, value)) throw new Refusal(400, valueNotOverridable(key));
    }
    const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure(request) ? '; Secure' : ''}`;
    if (Object.keys(values).length === 0) return `${this.cookie}=; Max-Age=0; ${attributes}`;
    const token = this.tokens.sign(values, Date.now());
    if (token.length > MAX_TOKEN) throw new Refusal(413, overridesTooLarge);
    return `${this.cookie}=${token}; Max-Age=${Math.floor(this.maxAgeMs / 1000)}; ${attributes}`;
  }

  /** What the header grants, which may be of another instance, else the first usable cookie: a neighbor can set others. */
  private grantOf(request: InspectorRequest): OverrideGrant | undefined {
    const header = request.headers[REQUEST_HEADER];
    for (const token of [header, ...cookiesIn(request, this.cookie)]) {
      const grant = typeof token === 'string' ? this.tokens.verify(token, Date.now()) : undefined;
      if (grant !== undefined) return grant;
    }
    return undefined;
  }

  /** A config may have changed since the token was signed, and so may the options. */
  private usable(values: OverrideValues): OverrideValues {
    return Object.fromEntries(
      Object.entries(values).filter(([key, value]) => this.isUsable(key, value)),
    );
  }

  private isUsable(key: string, value: unknown): boolean {
    if (this.allowed?.has(key) === false) return false;
    for (const stored of storedValues(this.quonfig.rawConfig(key))) {
      if (hiddenOf(stored, false) !== undefined) return false;
    }
    try {
      return this.quonfig.withOverrides({ [key]: value }, () => true);
    } catch {
      return false;
    }
  }
}

/** A name as part of a header. */
function encoded(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

interface FastifyInstance {
  addHook(name: 'preValidation', hook: Entry): unknown;
}
