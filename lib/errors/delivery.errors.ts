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
  /** What to do, e.g. `Check the URL.` */
  readonly remedy: string;

  /**
   * @param url URL of the request
   * @param status HTTP status of the response
   * @param detail the beginning of the response, or why the status is an error. Default: nothing
   * @param retryAfterMs how long the server asked to wait before the next request, in ms. Default `0`
   * @param keySource where the SDK key comes from. Default: the option or the variable
   */
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
    const remedy = remedyFor(status, keySource);
    const advice = isTransientStatus(status) ? ifThisPersists(remedy) : remedy;
    super('http_error', `${url} responded with ${withoutPeriod(reason)}. ${advice}`);
    this.reason = reason;
    this.remedy = remedy;
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

  /** What to do. */
  readonly remedy: string;

  /**
   * @param url URL of the request
   * @param reason what happened, without the URL and the remedy
   */
  constructor(
    url: string,
    /** What happened, without the URL and the remedy. */
    readonly reason: string,
  ) {
    const remedy = 'Check the URL, the network, and any proxy in between.';
    super(
      'network_error',
      `The request to ${url} failed: ${withoutPeriod(reason)}. ${ifThisPersists(remedy)}`,
    );
    this.remedy = remedy;
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

  /** What happened, without the URL and the remedy. */
  readonly reason: string;
  /** What to do. */
  readonly remedy: string;

  /**
   * @param url URL of the request
   * @param limitBytes the maximum size, in bytes after decompression
   */
  constructor(url: string, limitBytes: number) {
    const size = `exceeds ${limitBytes} bytes`;
    const remedy = 'If the workspace is that large, raise maxEnvelopeBytes.';
    super('envelope_too_large', `The envelope from ${url} ${size}. ${remedy}`);
    this.reason = `the envelope ${size}`;
    this.remedy = remedy;
  }
}

function remedyFor(status: number, keySource: string): string {
  if (status === 401 || status === 403) return `Check the SDK key in ${keySource}.`;
  if (status === 404) return `Check the URL, and the SDK key in ${keySource}.`;
  if (status >= 300 && status < 400) return 'Check the URL, and any proxy or cache in between.';
  if (isTransientStatus(status)) return 'Check the API, and any proxy in between.';
  return 'Check the URL, and any proxy in between.';
}

/** For failures that the SDK retries: most of them pass without any action. */
function ifThisPersists(remedy: string): string {
  return `If this persists, ${remedy.charAt(0).toLowerCase()}${remedy.slice(1)}`;
}

/** A reason can end with the beginning of a response. */
function withoutPeriod(reason: string): string {
  return reason.replace(/\.$/, '');
}
