import { Logger } from '@nestjs/common';
import {
  type EvaluationContext,
  type FlagMetadata,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  type ProviderMetadata,
  ProviderFatalError,
  ProviderNotReadyError,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { Contexts, EvaluationDetails, QuonfigService } from '../index.js';
import { contextsOf } from './flat-contexts.js';
import { notReady, refusedWithoutConfigs, trackingFailed } from './openfeature.messages.js';
import {
  checkedSettings,
  type ProviderSettings,
  type QuonfigProviderOptions,
} from './provider-options.js';
import { invalidContextResolution, notReadyResolution, resolutionOf } from './resolution.js';
import { ServiceWatch } from './service-watch.js';

/**
 * An OpenFeature server provider that evaluates with a Quonfig service. It never closes the service.
 *
 * @example
 * ```ts
 * await OpenFeature.setProviderAndWait(new QuonfigProvider(app.get(QuonfigService)));
 * const client = OpenFeature.getClient();
 * await client.getBooleanValue('checkout.one-page', false, { targetingKey: 'u-1', 'user.plan': 'pro' });
 * ```
 *
 * @publicApi
 */
export class QuonfigProvider implements Provider {
  /** Name of the provider: `quonfig`. */
  readonly metadata: ProviderMetadata = { name: 'quonfig' };
  /** This provider runs on servers. */
  readonly runsOn = 'server';
  /** Emits changes of configs, staleness, errors and recovery. */
  readonly events = new OpenFeatureEventEmitter();
  /** Passes tracking events to the option `onTrack`; absent without it. */
  readonly track?: NonNullable<Provider['track']>;
  private readonly service: QuonfigService;
  private readonly settings: ProviderSettings;
  private readonly watch: ServiceWatch;
  /** Metadata of the current configs, and the install that it is for. */
  private configsMetadata: FlagMetadata = {};
  private metadataInstall = -1;

  /**
   * @param service the service that evaluates; it stays open when the provider is closed
   * @param options see {@link QuonfigProviderOptions}
   * @throws {InvalidOptionsError} `invalid_options`: no service, or an unusable option
   */
  constructor(service: QuonfigService<any>, options: QuonfigProviderOptions = {}) {
    this.service = service as QuonfigService;
    this.settings = checkedSettings(service, options);
    this.watch = new ServiceWatch(service, this.events, this.settings.staleAfterMs);
    const { onTrack } = this.settings;
    if (onTrack !== undefined) this.track = isolated(onTrack);
  }

  /**
   * Starts to follow the service. The OpenFeature SDK calls it.
   *
   * @throws {ProviderNotReadyError} `PROVIDER_NOT_READY`: there are no configs yet; PROVIDER_READY follows when they arrive
   * @throws {ProviderFatalError} `PROVIDER_FATAL`: there are no configs, and the server refused the stream
   */
  async initialize(): Promise<void> {
    const condition = this.watch.start();
    if (condition === 'fatal') throw new ProviderFatalError(refusedWithoutConfigs);
    if (condition === 'unready') throw new ProviderNotReadyError(notReady);
  }

  /** Stops following the service, which stays open. The OpenFeature SDK calls it. */
  async onClose(): Promise<void> {
    this.watch.stop();
  }

  /** Returns the service. */
  getClient(): QuonfigService {
    return this.service;
  }

  /** Evaluates a `bool` config. */
  async resolveBooleanEvaluation(
    flagKey: string,
    defaultValue: boolean,
    context: EvaluationContext = {},
  ): Promise<ResolutionDetails<boolean>> {
    const evaluate = (contexts?: Contexts) => this.service.getBoolDetails(flagKey, contexts);
    return this.resolve(evaluate, defaultValue, context);
  }

  /** Evaluates a `string`, `log_level` or `duration` config; a duration as its ISO 8601 string. */
  async resolveStringEvaluation(
    flagKey: string,
    defaultValue: string,
    context: EvaluationContext = {},
  ): Promise<ResolutionDetails<string>> {
    const { service } = this;
    const evaluate = (contexts?: Contexts) =>
      service.rawConfig(flagKey)?.valueType === 'duration'
        ? service.getDurationStringDetails(flagKey, contexts)
        : service.getStringDetails(flagKey, contexts);
    return this.resolve(evaluate, defaultValue, context);
  }

  /** Evaluates an `int`, `double` or `duration` config; a duration in ms. */
  async resolveNumberEvaluation(
    flagKey: string,
    defaultValue: number,
    context: EvaluationContext = {},
  ): Promise<ResolutionDetails<number>> {
    const evaluate = (contexts?: Contexts) => this.service.getNumberDetails(flagKey, contexts);
    return this.resolve(evaluate, defaultValue, context);
  }

  /** Evaluates a `json` or `string_list` config. The value is frozen. */
  async resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext = {},
  ): Promise<ResolutionDetails<T>> {
    const evaluate = (contexts?: Contexts) => this.service.getJSONDetails<T>(flagKey, contexts);
    return this.resolve(evaluate, defaultValue, context);
  }

  private resolve<T>(
    evaluate: (contexts: Contexts | undefined) => EvaluationDetails<T>,
    defaultValue: T,
    context: EvaluationContext,
  ): ResolutionDetails<T> {
    if (!this.service.ready()) return notReadyResolution(defaultValue);
    let contexts: Contexts | undefined;
    let metadata: FlagMetadata;
    try {
      contexts = contextsOf(context, this.settings.targetingKeyMapping);
      metadata = this.commonMetadata(context);
    } catch {
      return invalidContextResolution(defaultValue);
    }
    return resolutionOf(evaluate(contexts), defaultValue, metadata);
  }

  /** The metadata that OpenFeature gives a meaning: hooks for telemetry report it. */
  private commonMetadata({ targetingKey }: EvaluationContext): FlagMetadata {
    const install = this.service.configInstallCount();
    if (install !== this.metadataInstall) {
      const { version, environment } = this.service.health();
      this.configsMetadata = {
        ...(version && { version }),
        ...(environment && { flagSetId: environment }),
      };
      this.metadataInstall = install;
    }
    return targetingKey
      ? { ...this.configsMetadata, contextId: targetingKey }
      : this.configsMetadata;
  }
}

/** The OpenFeature SDK neither awaits the handler nor shows its errors. */
function isolated(
  onTrack: NonNullable<ProviderSettings['onTrack']>,
): NonNullable<Provider['track']> {
  return (event, context, details) => {
    const failed = (error: unknown): void => {
      new Logger('QuonfigProvider').error(trackingFailed(event, reasonOf(error)));
    };
    try {
      Promise.resolve(onTrack(event, context, details)).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** Never throws, although accessors of a thrown value can. Displays nothing else than a message: it may be a secret. */
function reasonOf(error: unknown): string {
  try {
    const { message } = error as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // An accessor or a proxy threw, or undefined was thrown.
  }
  return 'unknown error';
}
