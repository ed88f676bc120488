export interface StreamCall {
  readonly url: string;
  readonly headers: Headers;
  /** The time of the call, in ms since the script was created. */
  readonly at: number;
}

/** An open response of the stream. */
export class LiveAnswer {
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  private open = true;
  readonly response: Response;

  constructor(signal: AbortSignal | null | undefined) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
      cancel: () => {
        this.open = false;
      },
    });
    signal?.addEventListener('abort', () => this.fail(new Error('aborted')));
    this.response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  /** Whether the response has not ended. */
  get isOpen(): boolean {
    return this.open;
  }

  send(text: string): void {
    if (this.open) this.controller.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    if (this.open) this.controller.close();
    this.open = false;
  }

  fail(error: Error): void {
    if (this.open) this.controller.error(error);
    this.open = false;
  }
}

type Step = (signal: AbortSignal | null | undefined) => Response | Promise<Response>;

/** A `fetch` with scripted responses, for virtual time. The last one is repeated. */
export class ScriptedFetch {
  readonly calls: StreamCall[] = [];
  readonly answers: LiveAnswer[] = [];
  private readonly start = Date.now();
  private readonly steps: Step[] = [];

  readonly fetch: typeof fetch = async (url, init) => {
    this.calls.push({
      url: url instanceof Request ? url.url : url.toString(),
      headers: new Headers(init?.headers),
      at: Date.now() - this.start,
    });
    const step = this.steps.length > 1 ? this.steps.shift() : this.steps[0];
    if (step === undefined) throw new Error('the script is empty');
    return step(init?.signal);
  };

  /** The delays between the calls, in ms. */
  get delays(): number[] {
    return this.calls.slice(1).map(({ at }, index) => at - (this.calls[index]?.at ?? 0));
  }

  get lastAnswer(): LiveAnswer {
    const answer = this.answers.at(-1);
    if (answer === undefined) throw new Error('there is no response yet');
    return answer;
  }

  /** Fails like an unreachable host. */
  thenFail(times = 1): this {
    return this.add(times, () => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), {
          code: 'ECONNREFUSED',
        }),
      });
    });
  }

  thenStatus(status: number, headers: Record<string, string> = {}): this {
    return this.add(1, () => new Response(null, { status, headers }));
  }

  /** Answers with an open stream that starts with the given text. */
  thenStream(text = '', also?: (answer: LiveAnswer) => void): this {
    return this.add(1, (signal) => {
      const answer = new LiveAnswer(signal);
      this.answers.push(answer);
      if (text !== '') answer.send(text);
      also?.(answer);
      return answer.response;
    });
  }

  /** Never answers, and may ignore the signal. */
  thenHang({ abortable = true } = {}): this {
    return this.add(
      1,
      (signal) =>
        new Promise((_, reject) => {
          if (abortable) signal?.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
  }

  private add(times: number, step: Step): this {
    for (let time = 0; time < times; time++) this.steps.push(step);
    return this;
  }
}
