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
 * What counts as healthy, and of which instance.
 *
 * @publicApi
 */
export interface QuonfigHealthCheckOptions {
  /** Name of the instance; without it, the one that has no name. */
  name?: string;
  /**
   * Age in ms above which configs count as stale. Without it, on a connected stream, and for local files, age does not
   * matter.
   */
  maxStalenessMs?: number;
}

/**
 * Health of a Quonfig service for `@nestjs/terminus` 11 and 12: `down` without configs or after a terminal failure,
 * `degraded` (with terminus 11 `up`, with the reason) while changes are not followed as they should be, else `up`.
 *
 * For readiness. Do not put this behind a liveness probe: restarting a process repairs neither network nor key, and
 * loses the configs that are held.
 *
 * ```ts
 * this.health.check([() => this.quonfig.isHealthy('quonfig', { maxStalenessMs: 300_000 })])
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
   * @param key under which the result stands in the answer
   * @throws QuonfigError (`unknown_instance`) when no module has that name, InvalidOptionsError (`invalid_options`) when
   *   `maxStalenessMs` is no positive number
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

/** The status that terminus 11 does not have, nor its types. */
interface Degradable<Result> {
  degraded?(detail: object): Result;
}

/** What may be seen of the state; errors, which name addresses, stay inside. */
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
