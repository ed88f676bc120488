import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../evaluation/index.js';
import type { Contexts, ContextTier } from '../model/index.js';
import { ContextRecorder } from './contexts/context-recorder.js';
import { ContextShapes } from './contexts/context-shapes.js';
import { EvaluationCounts, summariesEvent } from './evaluations/evaluation-counts.js';
import { ExampleContexts } from './contexts/example-contexts.js';
import { FailoverCounts, type FailoverSource } from './report/failover-counts.js';
import type { TelemetrySettings } from './telemetry-settings.js';

export interface TelemetryWindowOptions {
  readonly settings: TelemetrySettings;
  readonly failover: FailoverSource;
  redactFailed(): void;
}

/** Records values and contexts of reads until the next report. */
export class TelemetryWindow implements WindowSource {
  private counts: EvaluationCounts | undefined;
  private recorder: ContextRecorder | undefined;
  private shapes: ContextShapes | undefined;
  private examples: ExampleContexts | undefined;
  private failover: FailoverCounts | undefined;
  /** The contexts that were recorded last, for reads to compare theirs with. */
  lastCall: Contexts | undefined;
  lastBase: ContextTier | undefined;

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

  /** The contexts of a read; recorded whatever the read comes to. */
  recordContexts(call: Contexts | undefined, base: ContextTier | undefined): void {
    const { recorder } = this;
    if (recorder === undefined || recorder.isRecording) return;
    if (!recorder.remembers(call, base)) recorder.record(call, base);
    this.lastCall = call;
    this.lastBase = base;
  }

  /**
   * The first read since the last report that came to this outcome, which counts its reads itself; and every read whose
   * value is not always the same.
   *
   * @param value what the read gave
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
    // All windows are closed here, before anything else can be recorded.
    const counts = this.counts?.take();
    const shapes = this.shapes?.take();
    const texts = examples?.take() ?? [];
    const failover = this.failover?.take(end);
    this.recorder?.begin();
    this.forgetLast();

    const events: string[][] = [];
    if (counts !== undefined) events.push(await summariesEvent(counts, end));
    if (shapes !== undefined) events.push([shapesEvent(shapes)]);
    if (texts.length > 0) {
      events.push(['{"exampleContexts":{"examples":[', ...commas(texts), ']}}']);
    }
    if (failover !== undefined) events.push([failover]);
    await examples?.forgetExpired();
    if (events.length === 0) return undefined;
    const { instanceHash } = this.options.settings;
    return utf8Bytes([
      `{"instanceHash":${JSON.stringify(instanceHash)},"events":[`,
      ...events.flatMap((event, index) => (index === 0 ? event : [',', ...event])),
      ']}',
    ]);
  }

  /** Ends all recording, and lets go of what was recorded. */
  stop(): void {
    this.counts = undefined;
    this.recorder = undefined;
    this.shapes = undefined;
    this.examples = undefined;
    this.failover = undefined;
    this.forgetLast();
  }

  private forgetLast(): void {
    this.lastCall = undefined;
    this.lastBase = undefined;
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

function commas(texts: readonly string[]): string[] {
  return texts.map((text, index) => (index === 0 ? text : `,${text}`));
}

/** How many characters are made bytes before the event loop turns. */
const CHARACTERS_AT_ONCE = 256 * 1_024;

/** The bytes of a text that comes in pieces, made in slices. */
async function utf8Bytes(pieces: Iterable<string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let waiting: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < CHARACTERS_AT_ONCE) continue;
    chunks.push(Buffer.from(waiting.join('')));
    waiting = [];
    length = 0;
    await setImmediate();
  }
  chunks.push(Buffer.from(waiting.join('')));
  return Buffer.concat(chunks);
}

/** What has been recorded since the last time. */
export interface WindowSource {
  /** Whether nothing has been recorded since the last take. */
  readonly isEmpty: boolean;
  /**
   * Closes the window and opens the next, at once; gives the closed one as the bytes of a request body, made in slices.
   * `undefined` when nothing was recorded.
   */
  take(): Promise<Uint8Array | undefined>;
  /** Ends all recording, and lets go of what was recorded. */
  stop(): void;
}
