import { seconds } from '../seconds.js';
import type { PollReason } from './poll-step.js';

export const pollingStarted = (reason: PollReason, fallbackPollIntervalMs: number): string =>
  `Polling for configs every ${seconds(fallbackPollIntervalMs)}: ${because(reason, fallbackPollIntervalMs)}.`;

export const pollingStopped = (refused: boolean): string =>
  refused
    ? 'Polling for configs stopped: the stream was refused, and polls would be refused for the same reason.'
    : 'Polling for configs stopped: the stream is delivering.';

export const pollFailed = (reason: string, fallbackPollIntervalMs: number): string =>
  `A poll for configs failed: ${reason.replace(/\.$/, '')}. Reads are unaffected; next poll in ${seconds(fallbackPollIntervalMs)}.`;

export const pollRefused = (
  status: number,
  fallbackPollIntervalMs: number,
  keySource: string,
): string =>
  `A poll for configs was refused with status ${status}. Reads are unaffected; next poll in ${seconds(fallbackPollIntervalMs)}. Check that the SDK key in ${keySource} is correct and has not been revoked, and check the options domain and apiUrls.`;

export const pollRecovered = 'Polling for configs works again.';

function because(reason: PollReason, fallbackPollIntervalMs: number): string {
  switch (reason) {
    case 'no_stream':
      return 'the stream is off (enableSSE is false)';
    case 'never_delivered':
      return 'the stream failed before delivering any configs; see its warning. If its host is unreachable from here, set streamUrl';
    case 'silent':
      return `the stream has delivered nothing for ${seconds(2 * fallbackPollIntervalMs)}`;
    case 'refused':
      return 'the stream was refused, and onTerminalFailure is "poll"';
  }
}
