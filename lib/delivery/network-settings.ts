import type { DeliveryMode } from './delivery.js';
import type { QuonfigFetch, SdkKey } from '../requests/index.js';
import type { Addresses } from '../sources/http/api-urls.js';
import type { OnTerminalFailure } from '../sources/poll/poll-step.js';

/** Settings of the network delivery; times in ms. */
export interface NetworkSettings {
  readonly sdkKey: SdkKey;
  /** Where the key comes from, for messages, e.g. `the option sdkKey`. */
  readonly keySource: string;
  readonly addresses: Addresses;
  readonly enableSSE: boolean;
  readonly fallbackPollEnabled: boolean;
  readonly fallbackPollIntervalMs: number;
  readonly sseReadDeadlineMs: number;
  readonly maxEnvelopeBytes: number;
  readonly configFetchHedgeDelayMs: number;
  readonly configFetchHedgeAbortMs: number;
  readonly onTerminalFailure: OnTerminalFailure;
  /** Default: the global `fetch`. */
  readonly fetch: QuonfigFetch | undefined;
}

export function modeOf({ enableSSE, fallbackPollEnabled }: NetworkSettings): DeliveryMode {
  if (enableSSE) return 'stream';
  return fallbackPollEnabled ? 'poll' : 'manual';
}
