import type { Server } from 'node:http';
import {
  type BeforeApplicationShutdown,
  type ConfigurableModuleAsyncOptions,
  ConfigurableModuleBuilder,
  type DynamicModule,
  type FactoryProvider,
  Logger,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { getQuonfigToken, type QuonfigService } from '../index.js';
import { concealed, type GivenOptions } from './given-options.js';
import { mount } from './mount.js';
import { QuonfigRelay } from './quonfig-relay.js';
import { notServing } from './relay.messages.js';
import { SilentConnections } from './silent-connections.js';
import { checkedSettings, type QuonfigRelayOptions } from './relay-options.js';

/**
 * Options of the module rather than the relay. Pass them to `register` with the options, to `registerAsync` beside the factory.
 *
 * @publicApi
 */
export interface QuonfigRelayModuleExtras {
  /** Name of the instance whose configs are served. Default: the unnamed one. */
  name?: string | undefined;
}

/**
 * A class that creates the options of `registerAsync`, for `useClass` and `useExisting`.
 *
 * @publicApi
 */
export interface QuonfigRelayOptionsFactory {
  /** Returns the options of the relay. */
  createQuonfigRelayOptions(): QuonfigRelayOptions | Promise<QuonfigRelayOptions>;
}

/**
 * Options of `registerAsync`: one of `useFactory`, `useClass` and `useExisting`.
 *
 * @publicApi
 */
export type QuonfigRelayModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  QuonfigRelayOptions,
  'createQuonfigRelayOptions'
> &
  QuonfigRelayModuleExtras;

const RELAY_OPTIONS = 'QUONFIG_RELAY_OPTIONS';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<QuonfigRelayOptions>({
  optionsInjectionToken: RELAY_OPTIONS,
})
  .setFactoryMethodName('createQuonfigRelayOptions')
  .setExtras<QuonfigRelayModuleExtras>({ name: undefined }, (definition, { name }) => ({
    ...definition,
    providers: [
      ...(definition.providers ?? []).map((provider) => concealed(provider, RELAY_OPTIONS)),
      relayOf(name),
    ],
    exports: [QuonfigRelay],
  }))
  .build();

/**
 * Serves the configs of a Nest application to other Quonfig clients, over Quonfig's own protocol: the SDKs of all
 * languages can use the relay in place of Quonfig.
 *
 * @publicApi
 */
@Module({})
export class QuonfigRelayModule
  extends ConfigurableModuleClass
  implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private mounted = false;
  private readonly silent = new SilentConnections();

  /** @internal */
  constructor(
    private readonly relay: QuonfigRelay,
    private readonly http: HttpAdapterHost,
  ) {
    super();
    const adapter = http.httpAdapter;
    if (adapter)
      mount(
        adapter,
        relay.routes.filter(({ readsBody }) => readsBody),
      );
  }

  /**
   * Adds a relay to the application.
   *
   * @param options options of the relay, and `name`
   * @returns the module, for `imports`
   * @example
   * ```ts
   * QuonfigRelayModule.register({ keys: [process.env.RELAY_KEY!] })
   * ```
   */
  static override register(options: QuonfigRelayOptions & QuonfigRelayModuleExtras): DynamicModule {
    return super.register(options ?? {});
  }

  /**
   * Adds a relay whose options a factory returns. They are checked when the application starts, which fails with an
   * `InvalidOptionsError` that names all problems.
   *
   * @param options `useFactory`, `useClass` or `useExisting`, with `inject` and `imports` as usual; `name` beside them
   * @returns the module, for `imports`
   * @example
   * ```ts
   * QuonfigRelayModule.registerAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ keys: config.getOrThrow('RELAY_KEYS').split(',') }),
   * })
   * ```
   */
  static override registerAsync(options: QuonfigRelayModuleAsyncOptions): DynamicModule {
    return super.registerAsync(options);
  }

  /** @internal Nest calls it in applications with an HTTP server, before it registers routes. */
  configure(): void {
    const adapter = this.http.httpAdapter;
    if (!adapter) return;
    this.mounted = true;
    mount(
      adapter,
      this.relay.routes.filter(({ readsBody }) => !readsBody),
    );
    this.silent.follow(adapter.getHttpServer() as Server);
  }

  /** @internal */
  onApplicationBootstrap(): void {
    if (!this.mounted) new Logger('QuonfigRelay').warn(notServing());
  }

  /** @internal The HTTP server closes only once its responses have ended. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.drain();
    this.silent.close();
  }

  /** @internal */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.close();
  }
}

function relayOf(name: string | undefined): FactoryProvider<Promise<QuonfigRelay>> {
  return {
    provide: QuonfigRelay,
    useFactory: async (given: GivenOptions, service: QuonfigService | undefined) => {
      const relay = new QuonfigRelay(checkedSettings(given.read()), service, name);
      try {
        await relay.start();
      } catch (error) {
        await relay.close();
        throw error;
      }
      return relay;
    },
    inject: [RELAY_OPTIONS, { token: getQuonfigToken(name), optional: true }],
  };
}
