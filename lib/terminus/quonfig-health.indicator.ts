import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import {
  getQuonfigToken,
  InvalidOptionsError,
  QuonfigError,
  type QuonfigHealth,
  type QuonfigService,
} from '../index.js';
import { failureOf, impairmentOf } from './health-verdict.js';
import { unknownInstance, wrongStaleness } from './terminus.messages.js';

/**
 * Which instance to check, and what counts as healthy.
 *
 * @publicApi
 */
export interface QuonfigHealthCheckOptions {
  /** Name of the instance. Default: the unnamed one. */
  name?: string | undefined;
  /**
   * Age in ms above which configs count as stale. Age is ignored by default, while the stream is connected, and for local
   * files.
   */
  maxStalenessMs?: number | undefined;
}

/**
 * Reports the health of a Quonfig service to `@nestjs/terminus` 11 and 12:
 *
 * - `down` without configs or after a terminal failure,
 * - `degraded` while changes do not arrive as configured (terminus 11: `up`, with a message),
 * - `up` otherwise.
 *
 * Use it for readiness, never for liveness: a restart repairs neither the network nor the key, and loses the current
 * configs.
 *
 * @example
 * ```ts
 * this.health.check([() => this.quonfig.isHealthy('quonfig', { maxStalenessMs: 300_000 })]);
 * ```
 *
 * @publicApi
 */
@Injectable()
export class QuonfigHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly modules: ModuleRef,
  ) {}

  /**
   * Checks one Quonfig service.
   *
   * @param key property of the health response that contains the result
   * @param options instance and maximum age; see {@link QuonfigHealthCheckOptions}
   * @returns the result, with connection state, age in ms, generation and counters
   * @throws {QuonfigError} `unknown_instance`: no instance has that name
   * @throws {InvalidOptionsError} `invalid_options`: `maxStalenessMs` is not a positive number
   */
  isHealthy<const Key extends string>(
    key: Key,
    { name, maxStalenessMs }: QuonfigHealthCheckOptions = {},
  ): HealthIndicatorResult<Key> {
    if (maxStalenessMs !== undefined && !(maxStalenessMs > 0)) {
      throw new InvalidOptionsError([wrongStaleness(maxStalenessMs)]);
    }
    const health = this.serviceOf(name).health();
    const session = this.indicators.check(key);

    const failure = failureOf(health);
    if (failure !== undefined) return session.down({ ...detailOf(health), message: failure });

    const impairment = impairmentOf(health, maxStalenessMs);
    if (impairment === undefined) return session.up(detailOf(health));
    const detail = { ...detailOf(health), message: impairment };
    const degradable = session as unknown as Degradable<HealthIndicatorResult<Key>>;
    return degradable.degraded === undefined ? session.up(detail) : degradable.degraded(detail);
  }

  private serviceOf(name: string | undefined): QuonfigService {
    try {
      return this.modules.get<QuonfigService>(getQuonfigToken(name), { strict: false });
    } catch (error) {
      throw new QuonfigError('unknown_instance', unknownInstance(name), { cause: error });
    }
  }
}

/** `degraded()` is missing from terminus 11 and its types. */
interface Degradable<Result> {
  degraded?(detail: object): Result;
}

/** The public part of the state. Errors are excluded: they name URLs. */
function detailOf(health: QuonfigHealth) {
  const { connectionState, lastSuccessfulRefresh, ageMs, generation } = health;
  const { resolvedFrom, restarts, telemetry } = health;
  return {
    connectionState,
    lastSuccessfulRefresh,
    ageMs,
    generation,
    resolvedFrom,
    restarts,
    telemetry,
  };
}
