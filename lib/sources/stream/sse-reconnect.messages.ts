import { seconds } from '../seconds.js';

const READS_UNAFFECTED = 'Reads are unaffected';

export const streamDelivering = (host: string): string =>
  `The stream from ${host} is delivering configs.`;

export const streamFailed = (host: string, reason: string, waitMs: number): string =>
  `The stream from ${host} failed: ${sentence(reason)} ${READS_UNAFFECTED}; next attempt ${after(waitMs)}.`;

export const streamEnded = (host: string, waitMs: number): string =>
  `The server ended the stream from ${host}; next attempt ${after(waitMs)}.`;

export const streamRefused = (host: string, status: number, keySource: string): string =>
  `The stream from ${host} was refused with status ${status}${meaning(status)}; it stays closed until reconnect() is called or the process restarts. ${READS_UNAFFECTED}, but receive no further changes from the stream. ${remedy(status, keySource)}.`;

export const eventDropped = (host: string, reason: string): string =>
  `An event of the stream from ${host} was dropped: ${sentence(reason)} ${READS_UNAFFECTED}; the connection stays open.`;

export const callbackFailed = (name: string, failure: string): string =>
  `The stream callback ${name} failed; the stream continues. Please report this. ${failure}`;

export const connectionSilent = (ms: number): string => `nothing was received for ${seconds(ms)}`;

export const clientTimeout =
  "nothing was received within the HTTP client's own timeout (300 s in Node.js)";

export const processFrozen = (ms: number): string =>
  `the process was frozen for ${seconds(ms)}, so the connection is assumed dead`;

export const endedWithoutConfigs = 'the server closed it before delivering configs';

export const unexpectedStatus = (status: number): string =>
  `the server responded with status ${status}`;

export const unexpectedContentType = (contentType: string | null): string =>
  `expected the content type text/event-stream but received ${contentType === null ? 'none' : `"${contentType.slice(0, 100)}"`}. Check streamUrl`;

export const eventTooLarge = (maxBytes: number): string =>
  `an event exceeds ${maxBytes} bytes. If the workspace is that large, raise maxEnvelopeBytes`;

export const notJson = 'it is not JSON';

export const notAnEnvelope = (problem: string): string => `it is not an envelope: ${problem}`;

function meaning(status: number): string {
  switch (status) {
    case 401:
      return ' (unauthorized)';
    case 403:
      return ' (forbidden)';
    default:
      return ' (not found)';
  }
}

function remedy(status: number, keySource: string): string {
  return status === 404
    ? `Check the options domain, apiUrls and streamUrl, and the SDK key in ${keySource}`
    : `Check that the SDK key in ${keySource} is correct and has not been revoked`;
}

/** Ends a reason with a period. Messages of the SDK's errors already have one. */
function sentence(reason: string): string {
  return reason.endsWith('.') ? reason : `${reason}.`;
}

function after(ms: number): string {
  return ms === 0 ? 'immediately' : `in ${seconds(ms)}`;
}
