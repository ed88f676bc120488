import type { Envelope } from '../../../lib/model/index.js';
import { LiveAnswer } from '../../sources/stream/support/scripted-fetch.js';
import { envelopeOf, eventOf } from '../../support/delivery-server.js';
import { never, pause, refused } from './virtual-host.js';

/** Faults of the stream, in any combination. */
export interface StreamFaults {
  refuse?: boolean;
  /** No byte passes, headers included; sockets stay open. */
  stall?: boolean;
  /** Answers 200, sends one byte, and ends. */
  oneByte?: boolean;
  status?: number;
  /** The delay of every byte. */
  delayMs?: number;
  /** The delay of the headers. */
  headersAfterMs?: number;
  bytesPerSecond?: number;
}

const HEARTBEAT_MS = 30_000;

/** The stream host in virtual time: sends the current envelope on connect, then every published one. */
export class VirtualStream {
  private faults: StreamFaults = {};
  private readonly links = new Set<Link>();
  private flowing: (() => void)[] = [];
  envelope: Envelope = envelopeOf();
  /** The times of the requests, in ms of the virtual clock. */
  readonly requestTimes: number[] = [];
  private readonly heartbeats = setInterval(() => this.write(': heartbeat\n\n'), HEARTBEAT_MS);

  async answer(signal: AbortSignal | undefined): Promise<Response> {
    this.requestTimes.push(Date.now());
    const { refuse, status, headersAfterMs = 0 } = this.faults;
    if (refuse) throw refused();
    const headers = Promise.all([pause(headersAfterMs), this.passable()]);
    await Promise.race([headers, never(signal)]);
    if (status !== undefined) return new Response(null, { status });
    const link = new Link(
      signal,
      () => this.faults,
      () => this.passable(),
    );
    if (this.faults.oneByte) {
      link.answer.send('i');
      link.answer.end();
    } else {
      this.links.add(link);
      link.write(eventOf(this.envelope));
    }
    return link.answer.response;
  }

  /** Replaces the faults, and aborts the streams that they rule out. */
  inject(faults: StreamFaults): void {
    this.faults = faults;
    if (faults.refuse || faults.oneByte) this.cut();
    if (!faults.stall) for (const go of this.flowing.splice(0)) go();
  }

  /** Aborts every stream. */
  cut(): void {
    for (const { answer } of this.links) answer.fail(new Error('gone'));
    this.links.clear();
  }

  /** Ends every stream cleanly. */
  end(): void {
    for (const { answer } of this.links) answer.end();
    this.links.clear();
  }

  publish(envelope: Envelope): void {
    this.envelope = envelope;
    this.write(eventOf(envelope));
  }

  write(text: string): void {
    for (const link of this.links) link.write(text);
  }

  close(): void {
    clearInterval(this.heartbeats);
    this.cut();
  }

  private async passable(): Promise<void> {
    while (this.faults.stall) await new Promise<void>((resolve) => this.flowing.push(resolve));
  }
}

/** One open stream. */
class Link {
  readonly answer: LiveAnswer;
  private tail: Promise<void> = Promise.resolve();

  constructor(
    signal: AbortSignal | undefined,
    private readonly faults: () => StreamFaults,
    private readonly passable: () => Promise<void>,
  ) {
    this.answer = new LiveAnswer(signal);
  }

  write(text: string): void {
    const due = Date.now() + (this.faults().delayMs ?? 0);
    this.tail = this.tail.then(() => this.pass(text, due));
  }

  private async pass(text: string, due: number): Promise<void> {
    if (due > Date.now()) await pause(due - Date.now());
    for (let from = 0; from < text.length && this.answer.isOpen;) {
      await this.passable();
      const { bytesPerSecond } = this.faults();
      const portion = bytesPerSecond ?? text.length - from;
      this.answer.send(text.slice(from, from + portion));
      from += portion;
      if (bytesPerSecond !== undefined) await pause(1_000);
    }
  }
}
