import { type Attributes, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Subscription } from 'rxjs';
import { isQuonfigError, type QuonfigRefresh, type QuonfigService } from '../index.js';
import { ATTR_QUONFIG_REFRESH_CAUSE } from './quonfig-attributes.js';
import * as convention from './semantic-conventions.js';

/** Records a span for the first load and for each refresh. They have ended by then, so a span begins in the past. */
export function recordRefreshes(
  tracer: Tracer,
  service: QuonfigService,
  attributes: Attributes,
): Subscription {
  return service.refreshes$.subscribe((refresh) => {
    const span = tracer.startSpan(refresh.cause === 'load' ? 'quonfig.load' : 'quonfig.refresh', {
      startTime: refresh.startedAt,
      // A timer or a watcher runs in the context in which it was started, which has ended.
      root: refresh.cause === 'poll' || refresh.cause === 'watch',
      attributes: { ...attributes, ...attributesOf(refresh, service) },
    });
    if (refresh.error !== undefined) {
      const { error } = refresh;
      const message = error instanceof Error ? { message: error.message } : {};
      span.setStatus({ code: SpanStatusCode.ERROR, ...message });
    }
    span.end(new Date(refresh.startedAt.getTime() + refresh.durationMs));
  });
}

function attributesOf({ cause, error }: QuonfigRefresh, service: QuonfigService): Attributes {
  const { environment, version } = service.health();
  return {
    [ATTR_QUONFIG_REFRESH_CAUSE]: cause,
    ...(environment && { [convention.ATTR_FEATURE_FLAG_SET_ID]: environment }),
    ...(version && { [convention.ATTR_FEATURE_FLAG_VERSION]: version }),
    ...(error !== undefined && { [convention.ATTR_ERROR_TYPE]: errorType(error) }),
  };
}

function errorType(error: unknown): string {
  return isQuonfigError(error) ? error.code : convention.ERROR_TYPE_VALUE_OTHER;
}
