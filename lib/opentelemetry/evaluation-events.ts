import { type Attributes, type Logger, type Span, trace } from '@opentelemetry/api';
import type { QuonfigRead } from '../index.js';
import { type EventAttributes, eventAttributes } from './event-attributes.js';
import { EVENT_FEATURE_FLAG_EVALUATION as eventName } from './semantic-conventions.js';

export interface EventSettings extends EventAttributes {
  readonly asLog: boolean;
  readonly asSpanEvent: boolean;
  /** Whether repetitions are recorded too, and what happens outside of recording spans. */
  readonly every: boolean;
}

/** Bounds what a span that reads endless different keys takes. */
const MAX_KEYS_PER_SPAN = 1_000;

/** Records reads as events of the semantic conventions. */
export class EvaluationEvents {
  private readonly keysOf = new WeakMap<Span, Set<string>>();

  constructor(
    private readonly settings: EventSettings,
    private readonly findLogger: () => Logger | undefined,
  ) {}

  record(read: QuonfigRead): void {
    const span = recordingSpan();
    const { asLog, asSpanEvent, every } = this.settings;
    if (!every && (span === undefined || !this.isNew(span, read.key))) return;
    const logger = asLog ? this.enabledLogger() : undefined;
    if (logger === undefined && !(asSpanEvent && span !== undefined)) return;
    const attributes: Attributes = eventAttributes(read, this.settings);
    if (asSpanEvent) span?.addEvent(eventName, attributes);
    logger?.emit({ eventName, attributes });
  }

  private isNew(span: Span, key: string): boolean {
    const keys = this.keysOf.get(span);
    if (keys === undefined) {
      this.keysOf.set(span, new Set([key]));
      return true;
    }
    if (keys.has(key) || keys.size >= MAX_KEYS_PER_SPAN) return false;
    keys.add(key);
    return true;
  }

  private enabledLogger(): Logger | undefined {
    const logger = this.findLogger() as Partial<Logger> | undefined;
    // Older versions of the API lack `enabled`.
    return logger?.enabled?.({ eventName }) === false ? undefined : (logger as Logger | undefined);
  }
}

function recordingSpan(): Span | undefined {
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? span : undefined;
}
