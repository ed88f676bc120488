import type { HttpServer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { Refusal } from './inspector-request.js';

/**
 * The page loads nothing but its own files, runs no script from a string, and cannot be framed. Trusted Types leave no way to
 * turn the name or value of a config into HTML.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Headers of every response. */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex',
};

/** Names of assets contain a hash of their content, so they never change. */
const FOREVER = 'private, max-age=31536000, immutable';

/** Writes responses through the adapter, past interceptors that would change them. */
export class Replies {
  constructor(private readonly host: Pick<HttpAdapterHost, 'httpAdapter'>) {}

  json(response: unknown, body: unknown, status = 200): void {
    this.send(response, status, 'application/json; charset=utf-8', JSON.stringify(body));
  }

  page(response: unknown, html: string): void {
    this.send(response, 200, 'text/html; charset=utf-8', html);
  }

  asset(response: unknown, type: string, text: string): void {
    this.send(response, 200, type, text, FOREVER);
  }

  cookie(response: unknown, cookie: string): void {
    this.host.httpAdapter.appendHeader(response, 'set-cookie', cookie);
  }

  /** Answers with what an action returns, or says why it refuses. */
  jsonOf(response: unknown, action: () => unknown): Promise<void> {
    return this.refusing(response, async () => this.json(response, await action()));
  }

  /** Runs an action that answers by itself, or says why it refuses. */
  async refusing(response: unknown, action: () => unknown): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.json(response, { message: error.message }, error.status);
    }
  }

  private send(
    response: unknown,
    status: number,
    type: string,
    body: string,
    cacheControl = 'no-store',
  ): void {
    const adapter = this.host.httpAdapter as HttpServer;
    const headers = { ...HEADERS, 'content-type': type, 'cache-control': cacheControl };
    for (const [name, value] of Object.entries(headers)) {
      adapter.setHeader?.(response, name, value);
    }
    adapter.reply(response, body, status);
  }
}
