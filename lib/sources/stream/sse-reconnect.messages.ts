const READS_GO_ON = 'Reads go on with the configs held';

export const streamConnected = (host: string): string => `The stream of ${host} delivers.`;

export const streamFailed = (host: string, reason: string, waitMs: number): string =>
  `The stream of ${host} failed: ${sentence(reason)} ${READS_GO_ON}; next attempt ${after(waitMs)}.`;

export const streamEnded = (host: string, waitMs: number): string =>
  `The stream of ${host} was ended by the server; next attempt ${after(waitMs)}.`;

export const streamRefused = (host: string, status: number): string =>
  `The stream of ${host} refused this client with status ${status}${meaning(status)}, and is not asked again. ${READS_GO_ON}, but get no changes from it. ${remedy(status)}, then restart the process or call reconnect().`;

export const eventDropped = (host: string, reason: string): string =>
  `An event of the stream of ${host} was dropped: ${sentence(reason)} ${READS_GO_ON} until a good one comes.`;

export const callbackFailed = (name: string, failure: string): string =>
  `${name} failed on the stream, which goes on. ${failure}`;

export const connectionSilent = (ms: number): string => `nothing came for ${seconds(ms)}`;

export const clientSilence =
  'nothing came within the limit that the HTTP client has of its own (300 s for the one of Node)';

export const processStoodStill = (ms: number): string =>
  `the process stood still for ${seconds(ms)}, so the connection counts as dead`;

export const endedWithoutConfigs = 'the server ended it before it delivered configs';

export const unexpectedStatus = (status: number): string => `its status is ${status}`;

export const unexpectedContentType = (contentType: string | null): string =>
  `its content type is ${contentType === null ? 'missing' : `"${contentType.slice(0, 100)}"`} instead of text/event-stream. Check that streamUrl leads to the stream itself`;

export const eventTooLarge = (maxBytes: number): string =>
  `an event is larger than ${maxBytes} bytes. Raise maxEnvelopeBytes if the workspace is meant to be so large`;

export const notJson = 'it is not JSON';

export const notAnEnvelope = (problem: string): string => `it is not an envelope, ${problem}`;

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

function remedy(status: number): string {
  return status === 404
    ? 'Check the options domain, apiUrls and streamUrl'
    : 'Check that the SDK key is right and has not been revoked';
}

/** Reasons that are errors of ours end with a full stop already. */
function sentence(reason: string): string {
  return reason.endsWith('.') ? reason : `${reason}.`;
}

function after(ms: number): string {
  return ms === 0 ? 'at once' : `in ${seconds(ms)}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
