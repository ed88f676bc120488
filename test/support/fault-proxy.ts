import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `up` is what the client sends, `down` what it receives. */
export type Direction = 'up' | 'down';
export type Directions = Direction | 'both';

/** The faults of one direction. */
interface Fault {
  delayMs?: number;
  bytesPerSecond?: number;
  /** Bytes of each new connection that still pass before it is ended, or reset. */
  cut?: { bytes: number; reset: boolean };
}

/** Throttled bytes pass in this many portions per second. */
const PORTIONS_PER_SECOND = 20;
/** Below the ports that the system assigns, so nothing else takes a port while it is refused. */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

/** A TCP proxy that reproduces network faults. A fault lasts until `restore()`. */
export class FaultProxy {
  private readonly links = new Set<Link>();
  private readonly faults: Record<Direction, Fault> = { up: {}, down: {} };
  private server: Server | undefined;
  private silent = false;
  private closed = false;
  /** Connections accepted since the start. */
  accepted = 0;

  private constructor(
    private readonly targetPort: number,
    readonly port: number,
  ) {}

  /** Starts a proxy in front of a port on the loopback interface. */
  static async before(targetPort: number): Promise<FaultProxy> {
    for (;;) {
      const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
      const proxy = new FaultProxy(targetPort, port);
      try {
        await proxy.listen();
        return proxy;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Number of connections whose clients have not ended them. */
  get connections(): number {
    return [...this.links].filter((link) => link.hasClient).length;
  }

  /** Ends every connection and refuses new ones. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const ended = new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
    });
    this.cut();
    await ended;
  }

  /** Accepts new connections but never sends anything on them. Open connections are unaffected. */
  hang(): void {
    this.silent = true;
  }

  /** Delays every byte and keeps the order. */
  delay(ms: number, directions: Directions = 'down'): void {
    this.set(directions, { delayMs: ms });
  }

  /** Limits each connection to a number of bytes per second. */
  throttle(bytesPerSecond: number, directions: Directions = 'down'): void {
    this.set(directions, { bytesPerSecond });
  }

  /** Ends or resets each new connection after a number of bytes. */
  cutAfter(bytes: number, direction: Direction = 'down', how: 'end' | 'reset' = 'end'): void {
    this.set(direction, { cut: { bytes, reset: how === 'reset' } });
  }

  /** Ends open connections and accepts new ones. */
  cut(): void {
    for (const link of this.links) link.destroy();
  }

  /** Resets open connections and accepts new ones. */
  reset(): void {
    for (const link of this.links) link.reset();
  }

  /** Forwards nothing on open connections, not even their end, and accepts new ones. */
  halfOpen(directions: Directions = 'both'): void {
    for (const link of this.links) link.hold(directions);
  }

  /** Forwards nothing, on open and on new connections. */
  blackHole(): void {
    this.silent = true;
    this.halfOpen();
  }

  /** Ends all faults and delivers what open connections held back. */
  async restore(): Promise<void> {
    this.silent = false;
    this.faults.up = {};
    this.faults.down = {};
    for (const link of this.links) link.release();
    if (this.server === undefined) await this.listen();
  }

  /** Closes the proxy and every connection. */
  async close(): Promise<void> {
    this.closed = true;
    await this.refuse();
  }

  private set(directions: Directions, fault: Fault): void {
    for (const direction of directionsOf(directions)) Object.assign(this.faults[direction], fault);
  }

  private async listen(): Promise<void> {
    if (this.closed) throw new Error('This proxy is closed.');
    const server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket));
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.server = server;
  }

  private accept(client: Socket): void {
    this.accepted++;
    const link = new Link(client, this.targetPort, this.faults, () => this.links.delete(link));
    this.links.add(link);
    if (this.silent) link.hold('both');
  }
}

function directionsOf(directions: Directions): Direction[] {
  return directions === 'both' ? ['up', 'down'] : [directions];
}

/** A client connection and its counterpart to the target. */
class Link {
  private readonly target: Socket;
  private readonly pipes: Record<Direction, Pipe>;

  constructor(
    private readonly client: Socket,
    targetPort: number,
    faults: Record<Direction, Fault>,
    ended: () => void,
  ) {
    this.target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const cut = (reset: boolean): void => (reset ? this.reset() : this.end());
    this.pipes = {
      up: new Pipe(client, this.target, () => faults.up, cut),
      down: new Pipe(this.target, client, () => faults.down, cut),
    };
    for (const socket of [client, this.target]) {
      socket.setNoDelay(true);
      // The close event follows, and only that matters.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (client.destroyed && this.target.destroyed) ended();
      });
    }
    // When one side closes, the other closes too, unless its end is being held back.
    client.on('close', () => this.pipes.up.whenOpen(() => this.target.destroy()));
    this.target.on('close', () => this.pipes.down.whenOpen(() => client.destroySoon()));
  }

  get hasClient(): boolean {
    return this.client.readable;
  }

  hold(directions: Directions): void {
    for (const direction of directionsOf(directions)) this.pipes[direction].hold();
  }

  release(): void {
    this.pipes.up.release();
    this.pipes.down.release();
  }

  /** Ends both sides once their pending writes are flushed. */
  end(): void {
    this.client.destroySoon();
    this.target.destroySoon();
  }

  destroy(): void {
    this.client.destroy();
    this.target.destroy();
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.target.destroy();
  }
}

/** One direction of a connection. */
class Pipe {
  private held = false;
  private waiting: (() => void)[] = [];
  private passed = 0;
  /** Settles when everything received so far has been forwarded. */
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly fault: () => Fault,
    private readonly cut: (reset: boolean) => void,
  ) {
    from.on('data', (chunk: Buffer) => {
      const due = Date.now() + (this.fault().delayMs ?? 0);
      this.afterwards(() => this.pass(chunk, due));
    });
    from.on('end', () => this.afterwards(async () => void this.to.end()));
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    for (const go of this.waiting.splice(0)) go();
  }

  /** Runs an action once everything received before has been forwarded. */
  whenOpen(act: () => void): void {
    this.afterwards(async () => act());
  }

  private afterwards(act: () => Promise<void>): void {
    this.tail = this.tail.then(() => this.open()).then(act);
  }

  private async open(): Promise<void> {
    while (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private async pass(chunk: Buffer, due: number): Promise<void> {
    const wait = due - Date.now();
    if (wait > 0) await pause(wait);
    for (let from = 0; from < chunk.length && !this.to.destroyed;) {
      await this.open();
      const { bytesPerSecond, cut } = this.fault();
      const portion =
        bytesPerSecond && Math.max(1, Math.floor(bytesPerSecond / PORTIONS_PER_SECOND));
      const length = Math.min(
        chunk.length - from,
        portion ?? Infinity,
        Math.max(0, (cut?.bytes ?? Infinity) - this.passed),
      );
      await this.write(chunk.subarray(from, from + length));
      from += length;
      this.passed += length;
      if (cut !== undefined && this.passed >= cut.bytes) return this.cut(cut.reset);
      if (portion !== undefined) await pause(1_000 / PORTIONS_PER_SECOND);
    }
  }

  /** Stops reading while the other side accepts nothing. */
  private async write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.to.write(bytes)) return;
    this.from.pause();
    await new Promise<void>((resolve) => {
      this.to.once('drain', resolve);
      this.to.once('close', resolve);
    });
    this.from.resume();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
