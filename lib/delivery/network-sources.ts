import { ConfigEndpoint } from '../sources/http/config-endpoint.js';
import { HedgedFetch } from '../sources/http/hedged-fetch.js';
import { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import type { SourceLogger } from '../sources/source-logger.js';
import { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import type { EnvelopeIntake } from './envelope-intake.js';
import type { NetworkSettings } from './network-settings.js';
import { SDK_VERSION } from './sdk-version.js';

/** Creates the fetch that delivers configs over HTTP to the intake. */
export function createHedgedFetch(intake: EnvelopeIntake, settings: NetworkSettings): HedgedFetch {
  const { sdkKey, keySource, addresses, fetch } = settings;
  const [primary, secondary] = addresses.apiUrls.map(
    (base) =>
      new ConfigEndpoint({
        base,
        sdkKey,
        keySource,
        sdkVersion: SDK_VERSION,
        maxEnvelopeBytes: settings.maxEnvelopeBytes,
        configFetchHedgeAbortMs: settings.configFetchHedgeAbortMs,
        currentConfigs: () => intake.currentConfigs,
        ...(fetch !== undefined && { fetch }),
      }),
  ) as [ConfigEndpoint, ConfigEndpoint?];
  const { configFetchHedgeDelayMs } = settings;
  return new HedgedFetch({ primary, secondary, configFetchHedgeDelayMs, sink: intake });
}

/** Creates the poller, which uses the fetch while the stream is down. */
export function createPollingFallback(
  hedgedFetch: HedgedFetch,
  intake: EnvelopeIntake,
  settings: NetworkSettings,
  logger: SourceLogger,
): PollingFallbackService {
  return new PollingFallbackService({
    enabled: settings.fallbackPollEnabled,
    streamEnabled: settings.enableSSE,
    onTerminalFailure: settings.onTerminalFailure,
    keySource: settings.keySource,
    fallbackPollIntervalMs: settings.fallbackPollIntervalMs,
    logger,
    poll: () =>
      intake.record.timings.timed('poll', () =>
        intake.recordOutcome(hedgedFetch.refresh('poll'), 'poll'),
      ),
    ageMs: () => intake.record.ageMs,
    sink: intake,
  });
}

/** Creates the stream into the intake. The poller receives its changes first, because it takes over when the stream fails. */
export function createStream(
  intake: EnvelopeIntake,
  poller: PollingFallbackService,
  settings: NetworkSettings,
  { logger, random }: { readonly logger: SourceLogger; readonly random: () => number },
): SseReconnectService {
  const { sdkKey, keySource, addresses, fetch } = settings;
  intake.listen((change) => poller.sourceChanged(change));
  return new SseReconnectService({
    url: `${addresses.streamUrl}/api/v2/sse/config`,
    sdkKey,
    keySource,
    sdkVersion: SDK_VERSION,
    sseReadDeadlineMs: settings.sseReadDeadlineMs,
    maxEnvelopeBytes: settings.maxEnvelopeBytes,
    random,
    logger,
    currentConfigs: () => intake.currentConfigs,
    ...(fetch !== undefined && { fetch }),
    sink: intake,
  });
}
