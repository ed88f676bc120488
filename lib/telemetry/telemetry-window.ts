import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import type { QuonfigFetch, SdkKey } from '../requests/index.js';
import { ContextRecorder } from './contexts/context-recorder.js';
import type { RedactContext } from './contexts/merged-contexts.js';
import { ContextShapes } from './contexts/context-shapes.js';
import { EvaluationCounts, summariesEvent } from './evaluations/evaluation-counts.js';
import { ExampleContexts } from './contexts/example-contexts.js';
import { FailoverCounts, type FailoverSource } from './report/failover-counts.js';

/** Why telemetry is off from the start. */
export type TelemetryOff = 'no_sdk_key' | 'turned_off';

/**
 * What telemetry reports about contexts: property names and types with example values, names and types only, or nothing.
 *
 * @publicApi
 */
export type ContextUploadMode = 'periodic_example' | 'shapes_only' | 'none';

/** What telemetry records and how it is sent; times in ms. */
export interface TelemetrySettings {
  readonly sdkKey: SdkKey;
  /** Where the SDK key comes from, for messages, e.g. `the option sdkKey`. */
  readonly keySource: string;
  /** Base URL of the telemetry service, without a trailing slash. */
  readonly telemetryUrl: string;
  /** The `fetch` of the options. */
  readonly fetch: QuonfigFetch | undefined;
  /** Identifies this service instance in reports. */
  readonly instanceHash: string;
  readonly collectEvaluationSummaries: boolean;
  readonly contextUploadMode: ContextUploadMode;
  readonly redactContext: RedactContext | undefined;
  readonly telemetryFlushIntervalMs: number;
  readonly telemetryTimeoutMs: number;
  readonly telemetryMaxRetainedBatches: number;
  readonly telemetryMaxRetainedBytes: number;
  readonly telemetryMaxRetainedAgeMs: number;
  readonly telemetryMaxEvaluationSummaries: number;
  readonly telemetryMaxContextShapeFields: number;
  readonly telemetryMaxExampleContexts: number;
}

export interface TelemetryWindowOptions {
  readonly settings: TelemetrySettings;
  readonly failover: FailoverSource;
  redactFailed(): void;
}

/** The contexts that were recorded last. Reads compare theirs and skip a repetition. */
export interface RecordedContexts {
  call: Contexts | undefined;
  base: ContextTier | undefined;
}

/** Records the values and contexts of reads until the next report. */
export class TelemetryWindow implements WindowSource {
  private counts: EvaluationCounts | undefined;
  private recorder: ContextRecorder | undefined;
  private shapes: ContextShapes | undefined;
  private examples: ExampleContexts | undefined;
  private failover: FailoverCounts | undefined;
  readonly last: RecordedContexts = { call: undefined, base: undefined };

  constructor(private readonly options: TelemetryWindowOptions) {
    const { settings } = options;
    const { contextUploadMode, collectEvaluationSummaries } = settings;
    if (collectEvaluationSummaries) {
      this.counts = new EvaluationCounts(settings.telemetryMaxEvaluationSummaries);
    }
    if (contextUploadMode !== 'none') {
      this.shapes = new ContextShapes(settings.telemetryMaxContextShapeFields);
      if (contextUploadMode === 'periodic_example') {
        this.examples = new ExampleContexts(settings.telemetryMaxExampleContexts);
      }
      const { shapes, examples } = this;
      const redact = settings.redactContext;
      this.recorder = new ContextRecorder({
        shapes,
        examples,
        redact,
        redactFailed: () => options.redactFailed(),
      });
    }
    this.failover = new FailoverCounts(options.failover);
  }

  /** Records the contexts of a read, whatever its result. */
  recordContexts(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { recorder } = this;
    if (recorder === undefined || recorder.isRecording) return;
    if (!recorder.remembers(call, base)) recorder.record(call, base);
    this.last.call = call;
    this.last.base = base;
  }

  /**
   * Records the first read with this outcome since the last report; the outcome counts further reads itself. An outcome
   * whose value can differ is recorded with every read.
   *
   * @param value the value that the read returned
   */
  recordOutcome(outcome: Outcome, value: unknown): void {
    this.counts?.record(outcome, value);
  }

  get isEmpty(): boolean {
    const collectors = [this.counts, this.shapes, this.examples, this.failover];
    return collectors.every((collector) => collector?.isEmpty ?? true);
  }

  async take(): Promise<Uint8Array | undefined> {
    const end = Date.now();
    const { examples } = this;
    // Close all windows synchronously, before anything else can be recorded.
    const counts = this.counts?.take();
    const shapes = this.shapes?.take();
    const exampleParts = examples?.take() ?? [];
    const failover = this.failover?.take(end);
    this.recorder?.startWindow();
    this.forgetLast();

    const events: string[][] = [];
    if (counts !== undefined) events.push(await summariesEvent(counts, end));
    if (shapes !== undefined) events.push([shapesEvent(shapes)]);
    if (exampleParts.length > 0) {
      events.push(['{"exampleContexts":{"examples":[', ...separated(exampleParts), ']}}']);
    }
    if (failover !== undefined) events.push([failover]);
    await examples?.forgetExpired();
    if (events.length === 0) return undefined;
    const { instanceHash } = this.options.settings;
    return utf8Bytes([
      `{"instanceHash":${JSON.stringify(instanceHash.toWellFormed())},"events":[`,
      ...events.flatMap((event, index) => (index === 0 ? event : [',', ...event])),
      ']}',
    ]);
  }

  /** Stops recording and discards what was recorded. */
  stop(): void {
    this.counts = undefined;
    this.recorder = undefined;
    this.shapes = undefined;
    this.examples = undefined;
    this.failover = undefined;
    this.forgetLast();
  }

  private forgetLast(): void {
    this.last.call = undefined;
    this.last.base = undefined;
  }
}

function shapesEvent(shapes: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  return JSON.stringify({
    contextShapes: {
      shapes: [...shapes].map(([name, fields]) => ({
        name,
        fieldTypes: Object.fromEntries(fields),
      })),
    },
  });
}

/** Prefixes every part but the first with a comma. */
function separated(parts: readonly string[]): string[] {
  return parts.map((part, index) => (index === 0 ? part : `,${part}`));
}

/** How many characters are encoded between two turns of the event loop. */
const ENCODE_BATCH = 256 * 1_024;

/** Encodes pieces of a string as UTF-8, in slices that do not block the event loop. */
async function utf8Bytes(pieces: Iterable<string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let pending: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    pending.push(piece);
    length += piece.length;
    if (length < ENCODE_BATCH) continue;
    chunks.push(Buffer.from(pending.join('')));
    pending = [];
    length = 0;
    await setImmediate();
  }
  chunks.push(Buffer.from(pending.join('')));
  return Buffer.concat(chunks);
}

/** The telemetry recorded since the last `take()`. */
export interface WindowSource {
  /** Whether nothing has been recorded since the last `take()`. */
  readonly isEmpty: boolean;
  /**
   * Closes the window and starts the next one synchronously, then serializes the closed one in slices. Returns a request
   * body; `undefined` if nothing was recorded.
   */
  take(): Promise<Uint8Array | undefined>;
  /** Stops recording and discards what was recorded. */
  stop(): void;
}
