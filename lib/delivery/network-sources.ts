import { ConfigEndpoint } from '../sources/http/config-endpoint.js';
import { FailoverReport } from '../sources/http/failover-report.js';
import { HedgedFetch } from '../sources/http/hedged-fetch.js';
import { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import type { SourceLogger } from '../sources/source-logger.js';
import { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import type { EnvelopeIntake } from './envelope-intake.js';
import type { NetworkSettings } from './network-settings.js';
import { SDK_VERSION } from './sdk-version.js';

/** What comes over HTTP goes to the intake. */
export function hedgedFetchInto(
  intake: EnvelopeIntake,
  settings: NetworkSettings,
  logger: SourceLogger,
): HedgedFetch {
  const { sdkKey, addresses, fetch } = settings;
  const [primary, secondary] = addresses.apiUrls.map(
    (base) =>
      new ConfigEndpoint({
        base,
        sdkKey,
        sdkVersion: SDK_VERSION,
        maxEnvelopeBytes: settings.maxEnvelopeBytes,
        configFetchHedgeAbortMs: settings.configFetchHedgeAbortMs,
        held: () => intake.held,
        ...(fetch !== undefined && { fetch }),
      }),
  ) as [ConfigEndpoint, ConfigEndpoint?];
  const report = new FailoverReport(logger);
  return new HedgedFetch({
    primary,
    secondary,
    configFetchHedgeDelayMs: settings.configFetchHedgeDelayMs,
    offer: async (envelope, leg, purpose, installing) => {
      const origin = (leg === 'primary' ? primary : secondary!).address;
      const verdict = await intake.take(envelope, purpose, origin, installing);
      report.answered(leg);
      return verdict;
    },
    unchanged: (leg) => {
      intake.unchanged();
      report.answered(leg);
    },
    failed: (leg, error) => report.failed(leg, error),
    counted: () => intake.signals.counted$.next(),
  });
}

/** Polls with what fetches over HTTP. */
export function pollingFallbackWith(
  hedgedFetch: HedgedFetch,
  intake: EnvelopeIntake,
  settings: NetworkSettings,
  logger: SourceLogger,
): PollingFallbackService {
  return new PollingFallbackService({
    enabled: settings.fallbackPollEnabled,
    streamEnabled: settings.enableSSE,
    onTerminalFailure: settings.onTerminalFailure,
    fallbackPollIntervalMs: settings.fallbackPollIntervalMs,
    logger,
    poll: () => intake.counted(hedgedFetch.refresh('poll'), 'poll'),
    ageMs: () => intake.lastRefresh.ageMs,
    onActive: () => intake.signals.changed$.next(),
  });
}

/** What comes over the stream goes to the intake; the poller hears of the stream's state. */
export function streamInto(
  intake: EnvelopeIntake,
  poller: PollingFallbackService,
  settings: NetworkSettings,
  { logger, random }: { readonly logger: SourceLogger; readonly random: () => number },
): SseReconnectService {
  const { sdkKey, addresses, fetch } = settings;
  const url = `${addresses.streamUrl}/api/v2/sse/config`;
  const { signals } = intake;
  const stream = new SseReconnectService({
    url,
    sdkKey,
    sdkVersion: SDK_VERSION,
    sseReadDeadlineMs: settings.sseReadDeadlineMs,
    maxEnvelopeBytes: settings.maxEnvelopeBytes,
    random,
    logger,
    held: () => intake.held,
    ...(fetch !== undefined && { fetch }),
    events: {
      onEnvelope: async (envelope) => void (await intake.take(envelope, 'stream', url)),
      onDelivered: () => poller.streamDelivered(),
      onDropped: (reason) => intake.failed(reason),
      onState: (state) => {
        if (state === 'error') intake.failed(stream.lastError);
        poller.streamChanged(state);
        signals.streamState$.next(state);
      },
      onTerminal: (status, host) => {
        poller.streamRefused();
        signals.terminalFailure$.next({ status, host });
      },
    },
  });
  return stream;
}
