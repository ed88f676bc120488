import { Logger } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { type Observable, Subscription } from 'rxjs';
import {
  type CallbackRunner,
  type Contexts,
  type QuonfigContext,
  QuonfigError,
  type QuonfigService,
} from '../index.js';
import { EventStreams } from './event-streams.js';
import { type HealthView, viewHealth } from './health-view.js';
import {
  checkOptions,
  DEFAULT_PATH,
  isProduction,
  isProtected,
  type QuonfigInspectorOptions,
} from './inspector-options.js';
import * as messages from './inspector.messages.js';
import { KeyIndexes } from './key-index.js';
import { type KeyPage, type KeyQuery, listKeys } from './key-list.js';
import { type KeyView, viewKey } from './key-view.js';
import { Overrides } from './overrides.js';
import { RecentContexts } from './recent-contexts.js';
import { Replies } from './replies.js';
import { UpdateHistory } from './update-history.js';

/** The parts of one service that the page shows. */
export interface Inspected {
  readonly quonfig: QuonfigService;
  readonly context: QuonfigContext;
  readonly callbacks: CallbackRunner;
}

/** What the page asks for. One for each registered module. */
export class Inspector {
  /**
   * @throws {InvalidOptionsError} `invalid_options`
   * @throws {QuonfigError} `unknown_instance`
   */
  static create(
    options: QuonfigInspectorOptions,
    http: HttpAdapterHost,
    { quonfig, context, callbacks }: Partial<Inspected>,
  ): Inspector {
    const production = isProduction();
    checkOptions(options, production);
    if (quonfig === undefined || context === undefined || callbacks === undefined) {
      throw new QuonfigError('unknown_instance', messages.unknownInstance(options.name));
    }
    const { overrides, ...shown } = options;
    // Nothing may keep the secret of overrides where an inspection of objects shows it.
    const inspector = new Inspector(shown, { quonfig, context, callbacks }, new Replies(http));
    if (overrides !== undefined) {
      inspector.overrides = new Overrides(overrides, quonfig, options.name, production);
    }
    return inspector;
  }

  readonly history: UpdateHistory;
  readonly streams = new EventStreams();
  /** Absent unless the options ask for it. */
  readonly recentContexts: RecentContexts | undefined;
  /** Absent unless the options ask for it. */
  overrides: Overrides | undefined;
  private readonly indexes: KeyIndexes;
  private readonly subscriptions = new Subscription();

  private constructor(
    private readonly options: QuonfigInspectorOptions,
    private readonly inspected: Inspected,
    readonly replies: Replies,
  ) {
    const { quonfig } = inspected;
    this.indexes = new KeyIndexes(quonfig);
    this.history = new UpdateHistory(quonfig);
    const { recentContexts } = options;
    if (recentContexts) {
      this.recentContexts = new RecentContexts(recentContexts === true ? {} : recentContexts);
    }
  }

  onModuleInit(): void {
    const { quonfig } = this.inspected;
    void this.indexes.get();
    this.on(quonfig.updates$, (update) => {
      this.streams.send('update', this.history.add(update));
      this.indexes.follow(update);
    });
    this.on(quonfig.connectionState$, (state) => this.streams.send('health', { state }));
    this.on(quonfig.refreshes$, () => this.streams.send('health', {}));
    const { recentContexts } = this;
    if (recentContexts) this.on(quonfig.reads$, (read) => recentContexts.add(read));
    this.logAccess();
  }

  /** Before the server closes, which waits for open connections. */
  beforeApplicationShutdown(): void {
    this.subscriptions.unsubscribe();
    this.streams.close();
  }

  async keys(query: KeyQuery, contexts: Contexts): Promise<KeyPage> {
    const index = await this.indexes.get();
    return this.outside(() => listKeys(this.inspected.quonfig, index, query, contexts));
  }

  async key(key: string, contexts: Contexts): Promise<KeyView | undefined> {
    const index = await this.indexes.get();
    return this.outside(() => viewKey(this.inspected.quonfig, index, key, contexts));
  }

  async health(): Promise<HealthView> {
    const { quonfig, callbacks } = this.inspected;
    return viewHealth(quonfig, callbacks, await this.indexes.get());
  }

  async differences(id: number): Promise<ReturnType<UpdateHistory['differences']>> {
    return this.history.differences(id, await this.indexes.get());
  }

  /** The contexts of the person at the page must not change what is shown for the given ones. */
  private outside<T>(action: () => T): T {
    return this.inspected.context.outside(action);
  }

  private on<T>(source: Observable<T>, next: (value: T) => void): void {
    this.subscriptions.add(source.subscribe(next));
  }

  private logAccess(): void {
    const { path = DEFAULT_PATH, allowUnprotected } = this.options;
    const guarded = isProtected(this.options);
    const logger = new Logger('QuonfigInspector');
    if (guarded) logger.log(messages.opened(path, messages.forTheAuthorized));
    else if (allowUnprotected) logger.warn(messages.opened(path, messages.forEveryone));
    else logger.log(messages.opened(path, messages.forThisMachine));
    if (this.overrides !== undefined) logger.log(messages.overridable(this.overrides.allowed));
  }
}
