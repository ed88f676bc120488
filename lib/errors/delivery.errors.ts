import { nameError, QuonfigError } from './quonfig.error.js';

/**
 * `http_error`: the delivery service answered with a status that means failure. Quotes little of the answer, and never the key.
 *
 * @publicApi
 */
export class DeliveryHttpError extends QuonfigError {
  static {
    nameError(this, 'DeliveryHttpError');
  }

  constructor(
    address: string,
    /** HTTP status of the response. */
    readonly status: number,
    /** What the answer says, shortened. */
    detail = '',
  ) {
    const said = detail === '' ? '' : `: ${detail}`;
    super('http_error', `${address} answered with status ${status}${said}. ${remedy(status)}`);
  }
}

/**
 * `network_error`: the delivery service was not reached, broke off, or took too long.
 *
 * @publicApi
 */
export class DeliveryNetworkError extends QuonfigError {
  static {
    nameError(this, 'DeliveryNetworkError');
  }

  constructor(address: string, reason: string) {
    super(
      'network_error',
      `${address} gave no complete answer: ${reason}. If it lasts, check the address, the network and any proxy in between.`,
    );
  }
}

/**
 * `envelope_too_large`: an answer or event is larger than `maxEnvelopeBytes`.
 *
 * @publicApi
 */
export class EnvelopeTooLargeError extends QuonfigError {
  static {
    nameError(this, 'EnvelopeTooLargeError');
  }

  constructor(address: string, limitBytes: number) {
    super(
      'envelope_too_large',
      `The envelope from ${address} is larger than ${limitBytes} bytes. Raise maxEnvelopeBytes if the workspace is that large.`,
    );
  }
}

function remedy(status: number): string {
  if (status === 401 || status === 403) return 'Check the SDK key.';
  if (status === 404) return 'Check the address it is asked at.';
  if (status >= 300 && status < 400) return 'Check the address, and any proxy or cache in between.';
  return 'Nothing needs to be done unless it lasts.';
}
