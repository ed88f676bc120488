import { nameError, QuonfigError } from './quonfig.error.js';
import { isTransientStatus } from './transient-status.js';

/**
 * `http_error`: the delivery service responded with an error status. The message quotes the beginning of the response, and
 * never the key.
 *
 * @publicApi
 */
export class DeliveryHttpError extends QuonfigError {
  static {
    nameError(this, 'DeliveryHttpError');
  }

  /** What happened, without the URL and the remedy. */
  readonly reason: string;

  constructor(
    url: string,
    /** HTTP status of the response. */
    readonly status: number,
    /** The beginning of the response, or why the status is an error. */
    detail = '',
    /** How long the server asked to wait before the next request, in ms; 0 if it did not. */
    readonly retryAfterMs = 0,
    /** Where the SDK key comes from. */
    keySource = 'the option sdkKey or the variable QUONFIG_BACKEND_SDK_KEY',
  ) {
    const reason = detail === '' ? `status ${status}` : `status ${status}: ${detail}`;
    super('http_error', `${url} responded with ${reason}. ${remedy(status, keySource)}`);
    this.reason = reason;
  }
}

/**
 * `network_error`: the delivery service was unreachable, broke the connection, or timed out.
 *
 * @publicApi
 */
export class DeliveryNetworkError extends QuonfigError {
  static {
    nameError(this, 'DeliveryNetworkError');
  }

  constructor(
    url: string,
    /** What happened, without the URL and the remedy. */
    readonly reason: string,
  ) {
    super(
      'network_error',
      `The request to ${url} failed: ${reason}. If this persists, check the URL, the network, and any proxy in between.`,
    );
  }
}

/**
 * `envelope_too_large`: a response or event is larger than `maxEnvelopeBytes`.
 *
 * @publicApi
 */
export class EnvelopeTooLargeError extends QuonfigError {
  static {
    nameError(this, 'EnvelopeTooLargeError');
  }

  constructor(url: string, limitBytes: number) {
    super(
      'envelope_too_large',
      `The envelope from ${url} exceeds ${limitBytes} bytes. If the workspace is that large, raise maxEnvelopeBytes.`,
    );
  }
}

function remedy(status: number, keySource: string): string {
  if (status === 401 || status === 403) return `Check the SDK key in ${keySource}.`;
  if (status === 404) return `Check the URL, and the SDK key in ${keySource}.`;
  if (status >= 300 && status < 400) return 'Check the URL, and any proxy or cache in between.';
  if (!isTransientStatus(status)) return 'Check the URL, and any proxy in between.';
  return 'No action is needed unless this persists.';
}
