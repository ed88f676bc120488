import {
  DeliveryHttpError,
  DeliveryNetworkError,
  EnvelopeTooLargeError,
  InvalidEnvelopeError,
  QuonfigError,
} from '../../errors/index.js';
import {
  checkEnvelope,
  type LoadedEnvelope,
  parseEnvelope,
  type StoredConfig,
} from '../../model/index.js';
import {
  discard,
  failureReason,
  type QuonfigFetch,
  type QuonfigResponse,
  retryAfterMs,
  type SdkKey,
  withDeadline,
} from '../../requests/index.js';
import { limitBytes, chunksOf, excerptOf } from './body.js';
import { bodyNotJson, requestTimedOut, unexpectedNotModified } from './config-endpoint.messages.js';
import { fetchWithinOrigin } from './same-origin-fetch.js';

export interface ConfigEndpointOptions {
  /** Base URL of the API, without a trailing slash. */
  readonly base: string;
  readonly sdkKey: SdkKey;
  /** Where the key comes from, for messages, e.g. `the option sdkKey`. */
  readonly keySource: string;
  /** Value of `X-Quonfig-SDK-Version`, e.g. `nestjs-1.2.3`. */
  readonly sdkVersion: string;
  /** The maximum size of a body, in bytes after decompression. */
  readonly maxEnvelopeBytes: number;
  /** Timeout of one request including its body, in ms. */
  readonly configFetchHedgeAbortMs: number;
  /** Default: the global `fetch` at the time of the request. */
  readonly fetch?: QuonfigFetch;
  /** The current configs, most of which arrive again. */
  currentConfigs(): Iterable<StoredConfig>;
}

export interface ChangedConfigs {
  readonly status: 'changed';
  readonly envelope: LoadedEnvelope;
  /**
   * Call it when the envelope was installed, or dropped because it is not newer: later requests then receive only a different
   * envelope. Do not call it for an invalid or ignored envelope, so that it is sent again.
   */
  accepted(): void;
}

export type FetchedConfigs = ChangedConfigs | { readonly status: 'unchanged' };

/** Fetches all configs from one API. It keeps the ETag of the last accepted response, so that later requests are conditional. */
export class ConfigEndpoint {
  readonly url: string;
  private etag: string | undefined;

  constructor(private readonly options: ConfigEndpointOptions) {
    this.url = configsUrl(options.base);
  }

  /**
   * Sends one request.
   *
   * @param signal aborts the request; its reason is thrown
   * @param onErrorStatus called as soon as the status is known to be an error, before the body is read
   * @throws {DeliveryHttpError} `http_error`
   * @throws {DeliveryNetworkError} `network_error`
   * @throws {EnvelopeTooLargeError} `envelope_too_large`
   * @throws {InvalidEnvelopeError} `invalid_envelope`
   */
  async fetchConfigs(signal: AbortSignal, onErrorStatus = (): void => {}): Promise<FetchedConfigs> {
    const { configFetchHedgeAbortMs: ms } = this.options;
    const expired = (): Error => new DeliveryNetworkError(this.url, requestTimedOut(ms));
    try {
      return await withDeadline({ ms, expired, signal }, (limited) =>
        this.exchange(limited, onErrorStatus),
      );
    } catch (error) {
      if (signal.aborted || error instanceof QuonfigError) throw error;
      // Drop the error and its message: a custom fetch may have included the headers.
      throw new DeliveryNetworkError(this.url, failureReason(error));
    }
  }

  private async exchange(signal: AbortSignal, onErrorStatus: () => void): Promise<FetchedConfigs> {
    signal.throwIfAborted();
    const { etag } = this;
    const response = await this.request(signal, etag);
    if (response.status === 304 && etag !== undefined) {
      discard(response);
      return { status: 'unchanged' };
    }
    if (response.status !== 200) {
      onErrorStatus();
      throw await this.failureOf(response);
    }
    const newTag = response.headers.get('etag') ?? undefined;
    const envelope = await this.readEnvelope(response, signal);
    return { status: 'changed', envelope, accepted: () => void (this.etag = newTag) };
  }

  private request(signal: AbortSignal, etag: string | undefined): Promise<QuonfigResponse> {
    const { sdkKey, sdkVersion, fetch = globalThis.fetch } = this.options;
    const headers: Record<string, string> = {
      ...sdkKey.credentials(sdkVersion),
      Accept: 'application/json',
      // Requests are minutes apart, so a kept connection would only be idle, or silently dead.
      Connection: 'close',
      ...(etag !== undefined && { 'If-None-Match': etag }),
    };
    // In development, some frameworks cache the responses of fetch.
    const fresh = process.env['NODE_ENV'] === 'development';
    return fetchWithinOrigin(fetch, fresh ? `${this.url}?_=${Date.now()}` : this.url, {
      headers,
      signal,
      ...(fresh && { cache: 'no-store' }),
    });
  }

  private async failureOf(response: QuonfigResponse): Promise<DeliveryHttpError> {
    const { status } = response;
    const reason = status === 304 ? unexpectedNotModified() : undefined;
    const { sdkKey, keySource } = this.options;
    const secrets = sdkKey.forms();
    const detail = reason ?? (await excerptOf(response, secrets));
    const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
    return new DeliveryHttpError(this.url, status, detail, wait, keySource);
  }

  private async readEnvelope(
    response: QuonfigResponse,
    signal: AbortSignal,
  ): Promise<LoadedEnvelope> {
    const { maxEnvelopeBytes } = this.options;
    const tooLarge = (): Error => new EnvelopeTooLargeError(this.url, maxEnvelopeBytes);
    const candidate = await this.parse(
      limitBytes(maxEnvelopeBytes, chunksOf(response, signal), tooLarge),
    );
    return checkEnvelope(candidate, (problem) => new InvalidEnvelopeError(this.url, problem));
  }

  private async parse(body: AsyncIterable<Uint8Array>): Promise<unknown> {
    try {
      return await parseEnvelope(body, this.options.currentConfigs());
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new InvalidEnvelopeError(this.url, bodyNotJson());
    }
  }
}

/** The URL of the configs below a base URL. */
export function configsUrl(base: string): string {
  return `${base}/api/v2/configs`;
}
