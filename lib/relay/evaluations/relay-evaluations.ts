import { isObservable, of } from 'rxjs';
import { answer, type Exchange } from '../exchange.js';
import { RelayKeys } from '../relay-keys.js';
import type { Authenticated, RelayRoute } from '../relay-route.js';
import { allowOrigins } from './cors.js';
import type { RelayEvaluationOptions } from './evaluation-options.js';
import { EvaluationsHandler } from './evaluations.handler.js';

const PREFLIGHT_SECONDS = '600';

/** What browser and mobile clients use: routes whose responses pages may read, with keys of their own. */
export class RelayEvaluations {
  readonly keys = new RelayKeys();
  private readonly handler: EvaluationsHandler;
  private readonly path: string;

  constructor(
    private readonly options: RelayEvaluationOptions,
    prefix: string,
  ) {
    this.path = `${prefix}/api/v2/configs/eval-with-context/`;
    this.handler = new EvaluationsHandler(this.path, options.contexts);
  }

  start(): void {
    const { keys } = this.options;
    this.keys.follow(isObservable(keys) ? keys : of(keys));
  }

  /** @param telemetry the routes of telemetry, which pages may use, too */
  routes(authenticated: Authenticated, telemetry: readonly RelayRoute[]): RelayRoute[] {
    const evaluate = authenticated(
      (exchange, _key, feed) => this.handler.serve(exchange, feed),
      [this.keys],
    );
    const evaluations: RelayRoute = {
      method: 'get',
      path: this.path,
      below: true,
      handle: evaluate,
    };
    return [evaluations, ...telemetry].flatMap((route) => [
      { ...route, handle: this.allowing(route.handle) },
      { ...route, method: 'options', handle: this.allowing(preflight) } as const,
    ]);
  }

  close(): void {
    this.keys.close();
    this.handler.close();
  }

  private allowing(handle: (exchange: Exchange) => void): (exchange: Exchange) => void {
    return (exchange) => {
      allowOrigins(exchange.request, exchange.response, this.options.origins);
      handle(exchange);
    };
  }
}

function preflight(exchange: Exchange): void {
  answer(exchange, 204, { 'access-control-max-age': PREFLIGHT_SECONDS });
}
