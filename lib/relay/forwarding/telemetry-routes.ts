import { answer, type Exchange, refuse } from '../exchange.js';
import type { RelayKeys } from '../relay-keys.js';
import type { Authenticated, RelayRoute } from '../relay-route.js';
import { notAccepted } from './telemetry.messages.js';
import type { TelemetryForward } from './telemetry-forward.js';

/**
 * The routes of `POST /api/v1/telemetry/`.
 *
 * @param forward `undefined`: telemetry is refused
 */
export function telemetryRoutes(
  prefix: string,
  forward: TelemetryForward | undefined,
  authenticated: Authenticated,
  keys: readonly RelayKeys[],
): RelayRoute[] {
  const handle =
    forward === undefined
      ? refuseTelemetry
      : authenticated(async (exchange) => {
          const { status, retryAfter } = await forward.forward(exchange.request);
          if (status === 200) {
            answer(exchange, 200, { 'content-type': 'application/json' }, '{}');
          } else {
            refuse(exchange, status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
          }
        }, keys);
  return ['', '/'].map((end) => ({
    method: 'post',
    path: `${prefix}/api/v1/telemetry${end}`,
    readsBody: true,
    handle,
  }));
}

function refuseTelemetry(exchange: Exchange): void {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  answer(exchange, 404, headers, JSON.stringify({ error: notAccepted }));
}
