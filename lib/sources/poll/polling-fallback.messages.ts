import type { PollReason } from './poll-step.js';

export const pollingBegins = (reason: PollReason, fallbackPollIntervalMs: number): string =>
  `Polling for configs every ${seconds(fallbackPollIntervalMs)}: ${because(reason, fallbackPollIntervalMs)}.`;

export const pollingEnds = (refused: boolean): string =>
  refused
    ? 'Polling for configs has ended: the stream is refused, and the same key would be refused here.'
    : 'Polling for configs has ended: the stream delivers.';

export const pollFailed = (reason: string, fallbackPollIntervalMs: number): string =>
  `A poll for configs failed: ${reason.replace(/\.$/, '')}. Reads go on with the configs held; next poll in ${seconds(fallbackPollIntervalMs)}.`;

export const pollRefused = (status: number, fallbackPollIntervalMs: number): string =>
  `A poll for configs was refused with status ${status}. Reads go on with the configs held; next poll in ${seconds(fallbackPollIntervalMs)}. Check that the SDK key is right and has not been revoked, and the options domain and apiUrls.`;

export const pollRecovered = 'Polls for configs succeed again.';

function because(reason: PollReason, fallbackPollIntervalMs: number): string {
  switch (reason) {
    case 'no_stream':
      return 'the stream is off (enableSSE is false)';
    case 'never_delivered':
      return 'the stream has failed before it delivered configs, see the warning about it. If its host cannot be reached from here, set streamUrl';
    case 'silent':
      return `the stream has delivered nothing for ${seconds(2 * fallbackPollIntervalMs)}`;
    case 'refused':
      return 'the stream is refused, and onTerminalFailure is "poll"';
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
