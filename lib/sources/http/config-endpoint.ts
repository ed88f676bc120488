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
import { basicToken, credentials, failureCode, withDeadline } from '../../requests/index.js';
import { atMost, chunksOf, excerptOf } from './body.js';
import { bodyNotJson, requestTimedOut, unexpectedNotModified } from './config-endpoint.messages.js';
import { discard, fetchWithinOrigin } from './same-origin-fetch.js';

export interface ConfigEndpointOptions {
  /** Base address of the API, without a slash at its end. */
  readonly base: string;
  readonly sdkKey: string;
  /** Value of `X-Quonfig-SDK-Version`, e.g. `nestjs-1.2.3`. */
  readonly sdkVersion: string;
  /** The largest body that is read, in bytes after decompression. */
  readonly maxEnvelopeBytes: number;
  /** Limit of one request, its body included, in ms. */
  readonly configFetchHedgeAbortMs: number;
  /** The application's own. Default: the global one at the time of the request. */
  readonly fetch?: typeof globalThis.fetch;
  /** The configs in force, of which most come again. */
  held(): Iterable<StoredConfig>;
}

export interface ChangedConfigs {
  readonly status: 'changed';
  readonly envelope: LoadedEnvelope;
  /**
   * To be called when the envelope was installed, or dropped as nothing new: from then on, requests ask for what is
   * different from it. Not called when it was unusable or ignored, so that it is sent again.
   */
  accepted(): void;
}

export type FetchedConfigs = ChangedConfigs | { readonly status: 'unchanged' };

/** Asks one address for all configs, and remembers which of its answers was accepted last. */
export class ConfigEndpoint {
  /** What is asked, for messages. */
  readonly address: string;
  private etag: string | undefined;

  constructor(private readonly options: ConfigEndpointOptions) {
    this.address = `${options.base}/api/v2/configs`;
  }

  /**
   * Asks once.
   *
   * @param signal ends the request; its reason is thrown
   * @param failing called as soon as the answer turns out to be a failure, before what it says is read
   * @throws DeliveryHttpError, DeliveryNetworkError, EnvelopeTooLargeError, or InvalidEnvelopeError
   */
  async fetchConfigs(signal: AbortSignal, failing = (): void => {}): Promise<FetchedConfigs> {
    const { configFetchHedgeAbortMs: ms } = this.options;
    const expired = (): Error => new DeliveryNetworkError(this.address, requestTimedOut(ms));
    try {
      return await withDeadline({ ms, expired, signal }, (leg) => this.exchange(leg, failing));
    } catch (error) {
      if (signal.aborted || error instanceof QuonfigError) throw error;
      // Drop the error and its message: an application's own fetch may have put the headers into them.
      throw new DeliveryNetworkError(this.address, failureCode(error));
    }
  }

  private async exchange(signal: AbortSignal, failing: () => void): Promise<FetchedConfigs> {
    signal.throwIfAborted();
    const { etag } = this;
    const response = await this.request(signal, etag);
    if (response.status === 304 && etag !== undefined) {
      discard(response);
      return { status: 'unchanged' };
    }
    if (response.status !== 200) {
      failing();
      throw await this.failureOf(response);
    }
    const newTag = response.headers.get('etag') ?? undefined;
    const envelope = await this.readEnvelope(response, signal);
    return { status: 'changed', envelope, accepted: () => void (this.etag = newTag) };
  }

  private request(signal: AbortSignal, etag: string | undefined): Promise<Response> {
    const { sdkKey, sdkVersion, fetch = globalThis.fetch } = this.options;
    const headers: Record<string, string> = {
      ...credentials(sdkKey, sdkVersion),
      Accept: 'application/json',
      // Requests are minutes apart: a connection that is kept would be idle, or dead without anybody noticing.
      Connection: 'close',
      ...(etag !== undefined && { 'If-None-Match': etag }),
    };
    // Frameworks keep what fetch gets while an application is being developed.
    const fresh = process.env['NODE_ENV'] === 'development';
    return fetchWithinOrigin(fetch, fresh ? `${this.address}?_=${Date.now()}` : this.address, {
      headers,
      signal,
      ...(fresh && { cache: 'no-store' }),
    });
  }

  private async failureOf(response: Response): Promise<DeliveryHttpError> {
    const { status } = response;
    const unasked = status === 304 ? unexpectedNotModified() : undefined;
    const { sdkKey } = this.options;
    const secrets = [sdkKey, basicToken(sdkKey).replace(/=+$/, '')];
    const detail = unasked ?? (await excerptOf(response, secrets));
    return new DeliveryHttpError(this.address, status, detail);
  }

  private async readEnvelope(response: Response, signal: AbortSignal): Promise<LoadedEnvelope> {
    const { maxEnvelopeBytes } = this.options;
    const tooLarge = (): Error => new EnvelopeTooLargeError(this.address, maxEnvelopeBytes);
    const candidate = await this.parse(
      atMost(maxEnvelopeBytes, chunksOf(response, signal), tooLarge),
    );
    return checkEnvelope(candidate, (problem) => new InvalidEnvelopeError(this.address, problem));
  }

  private async parse(body: AsyncIterable<Uint8Array>): Promise<unknown> {
    try {
      return await parseEnvelope(body, this.options.held());
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new InvalidEnvelopeError(this.address, bodyNotJson());
    }
  }
}
