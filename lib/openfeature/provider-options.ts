import type { EvaluationContext, TrackingEventDetails } from '@openfeature/server-sdk';
import { InvalidOptionsError, type QuonfigService } from '../index.js';
import { noService, wrongOption } from './openfeature.messages.js';

/**
 * Receives the tracking events of OpenFeature clients.
 *
 * @param event name of the event
 * @param context the merged evaluation context
 * @param details value and further properties of the event
 * @publicApi
 */
export type QuonfigTrackingHandler = (
  event: string,
  context: EvaluationContext,
  details: TrackingEventDetails,
) => void | Promise<void>;

/**
 * Options of {@link QuonfigProvider}.
 *
 * @publicApi
 */
export interface QuonfigProviderOptions {
  /**
   * The property that receives the targeting key: context and property, such as `user.key`. Without a dot, it is a property
   * of the context without a name. Default `user.id`.
   */
  targetingKeyMapping?: string | undefined;
  /**
   * How long changes may fail to arrive before `PROVIDER_STALE`, in ms. Default 120000, twice the default of
   * `fallbackPollIntervalMs`.
   */
  staleAfterMs?: number | undefined;
  /**
   * Receives the events of `client.track()`, for your analytics: Quonfig stores none. Errors are logged. Default: tracking
   * does nothing.
   */
  onTrack?: QuonfigTrackingHandler | undefined;
}

export interface ProviderSettings {
  readonly targetingKeyMapping: string;
  readonly staleAfterMs: number;
  readonly onTrack: QuonfigTrackingHandler | undefined;
}

/** @throws {InvalidOptionsError} `invalid_options`: names all problems */
export function checkedSettings(
  service: QuonfigService,
  options: QuonfigProviderOptions,
): ProviderSettings {
  const { targetingKeyMapping = 'user.id', staleAfterMs = 120_000, onTrack } = options;
  const problems: string[] = [];
  if (typeof (service as Partial<QuonfigService> | undefined)?.getBoolDetails !== 'function') {
    problems.push(noService);
  }
  if (typeof targetingKeyMapping !== 'string' || targetingKeyMapping.trim() === '') {
    problems.push(wrongOption('targetingKeyMapping', 'a property path such as "user.id"'));
  }
  if (!(typeof staleAfterMs === 'number' && staleAfterMs > 0)) {
    problems.push(wrongOption('staleAfterMs', 'a number of milliseconds above 0'));
  }
  if (onTrack !== undefined && typeof onTrack !== 'function') {
    problems.push(wrongOption('onTrack', 'a function'));
  }
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return { targetingKeyMapping, staleAfterMs, onTrack };
}
