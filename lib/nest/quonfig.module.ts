import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { InvalidOptionsError } from '../errors/index.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { checkAsyncOptions, checkExtras, checkOptionsObject } from '../options/module-options.js';
import {
  ConfigurableModuleClass,
  type QuonfigModuleAsyncOptions,
  type QuonfigModuleExtras,
} from './quonfig.module-definition.js';

/**
 * Quonfig for an application: `QuonfigService` is ready when it is injected, in other modules' factories too.
 *
 * @publicApi
 */
@Module({ imports: [DiscoveryModule] })
export class QuonfigModule extends ConfigurableModuleClass {
  /**
   * Makes the module from options that are known when it is imported. They are checked when the application starts,
   * which fails with an `InvalidOptionsError` (`invalid_options`) that names all problems.
   *
   * ```ts
   * QuonfigModule.forRoot({ datadir: './workspace', environment: 'production', dataDirAutoReload: true })
   * ```
   *
   * @throws {InvalidOptionsError} `invalid_options`: not an object, or a wrong `name` or `isGlobal`
   */
  static override forRoot(options: QuonfigModuleOptions & QuonfigModuleExtras = {}): DynamicModule {
    refuse([...checkOptionsObject(options), ...checkExtras(options)]);
    return super.forRoot(options);
  }

  /**
   * Makes the module from options that a factory gives, with what it injects. `isGlobal` and `name` stand beside the
   * factory, never in its result.
   *
   * ```ts
   * QuonfigModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ datadir: config.getOrThrow('QUONFIG_DIR') }),
   * })
   * ```
   *
   * @throws {InvalidOptionsError} `invalid_options`: no factory, or a wrong `name` or `isGlobal`
   */
  static override forRootAsync(options: QuonfigModuleAsyncOptions): DynamicModule {
    refuse([...checkAsyncOptions(options), ...checkExtras(options)]);
    return super.forRootAsync(options);
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}
