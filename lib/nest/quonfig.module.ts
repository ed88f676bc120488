import { type DynamicModule, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { InvalidOptionsError } from '../errors/index.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import type { RequestEntry } from './context/request-entry.js';
import { QUONFIG_REQUEST_ENTRY } from './quonfig.constants.js';
import { checkAsyncOptions, checkExtras, checkOptionsObject } from '../options/module-options.js';
import {
  ConfigurableModuleClass,
  type QuonfigModuleAsyncOptions,
  type QuonfigModuleExtras,
} from './quonfig.module-definition.js';

/**
 * Quonfig for a Nest application. `QuonfigService` is ready when it is injected, in other modules' factories too.
 *
 * @publicApi
 */
@Module({})
export class QuonfigModule extends ConfigurableModuleClass {
  /** @internal */
  constructor(private readonly moduleRef: ModuleRef) {
    super();
  }

  /**
   * Configures the module with options known at import. They are checked when the application starts, which fails with an
   * `InvalidOptionsError` that names all problems.
   *
   * @param options options of the service, `isGlobal` and `name`. Default `{}`: the SDK key comes from the environment
   * @returns the module, for `imports`
   * @throws {InvalidOptionsError} `invalid_options`: not an object, or an invalid `name` or `isGlobal`
   * @example
   * ```ts
   * QuonfigModule.forRoot({ datadir: './workspace', environment: 'production', dataDirAutoReload: true })
   * ```
   */
  static override forRoot(options: QuonfigModuleOptions & QuonfigModuleExtras = {}): DynamicModule {
    throwIfAny([...checkOptionsObject(options), ...checkExtras(options)]);
    return super.forRoot(options);
  }

  /**
   * Configures the module with options that a factory returns. Pass `isGlobal` and `name` beside the factory, not in its
   * result.
   *
   * @param options `useFactory`, `useClass` or `useExisting`, with `inject` and `imports` as usual
   * @returns the module, for `imports`
   * @throws {InvalidOptionsError} `invalid_options`: no factory, or an invalid `name` or `isGlobal`
   * @example
   * ```ts
   * QuonfigModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ datadir: config.getOrThrow('QUONFIG_DIR') }),
   * })
   * ```
   */
  static override forRootAsync(options: QuonfigModuleAsyncOptions): DynamicModule {
    throwIfAny([...checkAsyncOptions(options), ...checkExtras(options)]);
    return super.forRootAsync(options);
  }

  /** @internal Nest calls it after it has registered body parsers, and before routes. */
  configure(): void {
    this.moduleRef.get<RequestEntry>(QUONFIG_REQUEST_ENTRY, { strict: true }).open();
  }
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
