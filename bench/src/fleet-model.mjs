/**
 * Servers and the clients that follow them, on a virtual clock. When a client connects again and when it polls is decided
 * by the SDK's own functions, which the caller hands over; `test/chaos/fleet-model.test.ts` compares the requests of a
 * modeled client with those of the real one.
 *
 * @typedef {object} Policy
 * @property {(failures: number, random: () => number, requestedMs?: number) => number} reconnectDelay
 * @property {(now: any, event: any, policy: any) => { situation: any, pollingStart?: any }} nextStep
 * @property {number} fallbackPollIntervalMs
 *
 * @typedef {object} Link what a server's connection to its clients carries
 * @property {number} roundTripMs
 * @property {number} bytesPerMs
 * @property {number} requestMs processor time of one request
 */

/** Serves one envelope to streams and polls. Sends are queued: a link carries a number of bytes per ms. */
export class ModelServer {
  up = true;
  generation = 0;
  /** @type {Set<ModelClient>} */
  clients = new Set();
  /** Arrived requests by second, those that were refused included. @type {number[]} */
  requestsPerSecond = [];
  #busyUntil = 0;

  /**
   * @param {import('./virtual-clock.mjs').VirtualClock} clock
   * @param {Link} link
   * @param {number} envelopeBytes
   */
  constructor(clock, link, envelopeBytes) {
    this.clock = clock;
    this.link = link;
    this.envelopeBytes = envelopeBytes;
  }

  /** Makes a newer envelope current and sends it to every client, in one queue. */
  publish(/** @type {number} */ generation) {
    if (generation <= this.generation) return;
    this.generation = generation;
    for (const client of this.clients) this.#send(client, 0);
  }

  goDown() {
    this.up = false;
    const { clients } = this;
    this.clients = new Set();
    for (const client of clients) client.lost();
  }

  goUp() {
    this.up = true;
    this.#busyUntil = this.clock.now;
  }

  /** A client's request for the stream, which arrives half a round trip later. */
  connect(/** @type {ModelClient} */ client) {
    const { clock, link } = this;
    clock.after(link.roundTripMs / 2, () => {
      this.#count();
      if (!this.up) return clock.after(link.roundTripMs / 2, () => client.refused());
      this.clients.add(client);
      this.#send(client, link.requestMs);
    });
  }

  /** A client's poll. Calls back with whether it was answered, and with which generation. */
  poll(/** @type {number} */ heldGeneration, /** @type {(generation?: number) => void} */ done) {
    const { clock, link } = this;
    clock.after(link.roundTripMs / 2, () => {
      this.#count();
      if (!this.up) return clock.after(link.roundTripMs / 2, () => done());
      const { generation } = this;
      // Without news, the answer is a 304.
      const bytes = generation === heldGeneration ? 0 : this.envelopeBytes;
      clock.after(this.#queue(bytes, link.requestMs), () => done(generation));
    });
  }

  #send(/** @type {ModelClient} */ client, /** @type {number} */ requestMs) {
    const { generation } = this;
    this.clock.after(this.#queue(this.envelopeBytes, requestMs), () => {
      if (this.clients.has(client)) client.received(generation);
    });
  }

  /** Returns when the last byte arrives, in ms from now. */
  #queue(/** @type {number} */ bytes, /** @type {number} */ requestMs) {
    const { clock, link } = this;
    const start = Math.max(clock.now, this.#busyUntil);
    this.#busyUntil = start + requestMs + bytes / link.bytesPerMs;
    return this.#busyUntil - clock.now + link.roundTripMs / 2;
  }

  #count() {
    const second = Math.floor(this.clock.now / 1_000);
    this.requestsPerSecond[second] = (this.requestsPerSecond[second] ?? 0) + 1;
  }
}

/** Follows a server over the stream, and polls while that fails. */
export class ModelClient {
  generation = 0;
  /** When the current generation arrived, in ms. */
  updatedAt = 0;
  #failures = 0;
  #delivering = false;
  #stopped = false;
  #lastRefresh = 0;
  #situation = { mode: 'idle', everDelivered: false, refused: false };
  /** Number of changes of the polling mode: a timer of an earlier one is void. */
  #modes = 0;
  #polling = false;

  /**
   * @param {import('./virtual-clock.mjs').VirtualClock} clock
   * @param {Policy} policy
   * @param {() => number} random
   * @param {ModelServer} server that of the stream
   * @param {ModelServer[]} [apis] those of polls, in order. Default: that of the stream
   */
  constructor(clock, policy, random, server, apis = [server]) {
    this.clock = clock;
    this.policy = policy;
    this.random = random;
    this.server = server;
    this.apis = apis;
  }

  /** Called with each newer generation. */
  onUpdate = (/** @type {number} */ _generation) => {};

  /** Loads configs, with the delays of the stream between attempts, and follows the server from then on. */
  load() {
    this.#ask(0, (generation) => {
      if (generation !== undefined) return this.start(generation);
      const wait = this.policy.reconnectDelay(this.#failures++, this.random);
      this.clock.after(wait, () => !this.#stopped && this.load());
    });
  }

  /** Follows the server with configs that are loaded. */
  start(/** @type {number} */ generation = this.server.generation) {
    this.#failures = 0;
    this.#accept(generation);
    this.#apply('started');
    this.#connect();
  }

  /** The process ends. It can be replaced by another client. */
  stop() {
    this.#stopped = true;
    this.server.clients.delete(this);
  }

  received(/** @type {number} */ generation) {
    if (this.#stopped) return;
    this.#accept(generation);
    this.#failures = 0;
    this.#delivering = true;
    this.#apply('stream_delivered');
  }

  /** The connection broke. */
  lost() {
    this.#ended();
  }

  /** No connection came about. */
  refused() {
    this.#ended();
  }

  #connect() {
    if (!this.#stopped) this.server.connect(this);
  }

  #ended() {
    if (this.#stopped) return;
    const { clock, policy } = this;
    clock.after(policy.reconnectDelay(this.#failures++, this.random), () => this.#connect());
    if (this.#delivering) this.#apply('stream_lost');
    this.#delivering = false;
    this.#apply('stream_failed');
  }

  #apply(/** @type {string} */ event) {
    const policy = { enabled: true, streamEnabled: true, onTerminalFailure: 'stop' };
    const before = this.#situation.mode;
    const { situation, pollingStart } = this.policy.nextStep(this.#situation, event, policy);
    this.#situation = situation;
    if (situation.mode === before) return;
    this.#modes++;
    const { fallbackPollIntervalMs } = this.policy;
    if (situation.mode === 'waiting')
      this.#inThisMode(2 * fallbackPollIntervalMs, () => this.#apply('waited'));
    if (pollingStart === undefined) return;
    this.#inThisMode(fallbackPollIntervalMs, () => this.#poll());
    const stale = this.clock.now - this.#lastRefresh > fallbackPollIntervalMs;
    if (pollingStart.firstPoll === 'at_once' || stale) this.#poll();
  }

  #inThisMode(/** @type {number} */ ms, /** @type {() => void} */ act) {
    const modes = this.#modes;
    this.clock.after(ms, () => {
      if (this.#modes === modes && !this.#stopped) act();
    });
  }

  #poll() {
    if (this.#polling) return;
    this.#polling = true;
    // The next poll is counted from the end of this one.
    this.#modes++;
    this.#ask(0, (generation) => {
      this.#polling = false;
      if (generation !== undefined) this.#accept(generation);
      if (this.#situation.mode !== 'polling') return;
      this.#inThisMode(this.policy.fallbackPollIntervalMs, () => this.#poll());
    });
  }

  /** Asks one API after the other. */
  #ask(/** @type {number} */ at, /** @type {(generation?: number) => void} */ done) {
    this.apis[at].poll(this.generation, (generation) => {
      if (this.#stopped) return;
      if (generation === undefined && at + 1 < this.apis.length) this.#ask(at + 1, done);
      else done(generation);
    });
  }

  #accept(/** @type {number} */ generation) {
    this.#lastRefresh = this.clock.now;
    if (generation <= this.generation) return;
    this.generation = generation;
    this.updatedAt = this.clock.now;
    this.onUpdate(generation);
  }
}

/** A client of one server that is the server of others. It serves once it has configs. */
export class ModelRelay {
  /**
   * @param {() => ModelClient} follow creates the client
   * @param {ModelServer} server
   */
  constructor(follow, server) {
    this.follow = follow;
    this.server = server;
    this.client = this.#newClient();
    this.client.start();
  }

  #newClient() {
    const client = this.follow();
    client.onUpdate = (generation) => {
      if (!this.server.up) this.server.goUp();
      this.server.publish(generation);
    };
    return client;
  }

  /** The process ends. */
  kill() {
    this.client.stop();
    this.server.goDown();
  }

  /** A new process starts: it loads from its server, then listens. */
  restart() {
    this.server.generation = 0;
    this.client = this.#newClient();
    this.client.load();
  }
}
