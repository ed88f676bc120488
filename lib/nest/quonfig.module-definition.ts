import { type ConfigurableModuleAsyncOptions, ConfigurableModuleBuilder } from '@nestjs/common';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { exportedTokens, instanceProviders } from './quonfig.providers.js';

/**
 * What concerns the module and not the service. Passed to `forRoot` with the options, to `forRootAsync` beside the factory.
 *
 * @publicApi
 */
export interface QuonfigModuleExtras {
  /** Whether every module can inject the service without importing this one. Default `true`. */
  isGlobal?: boolean;
  /** Names the instance, for applications with more than one: `@InjectQuonfig(name)`. Default: none. */
  name?: string;
}

/**
 * Gives the options of `forRootAsync`, as `useClass` or `useExisting`.
 *
 * @publicApi
 */
export interface QuonfigOptionsFactory {
  createQuonfigOptions(): QuonfigModuleOptions | Promise<QuonfigModuleOptions>;
}

/**
 * Options of `forRootAsync`: one of `useFactory`, `useClass` and `useExisting`.
 *
 * @publicApi
 */
export type QuonfigModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  QuonfigModuleOptions,
  'createQuonfigOptions'
> &
  QuonfigModuleExtras;

const GIVEN_OPTIONS = 'QUONFIG_MODULE_OPTIONS';

const noExtras: QuonfigModuleExtras = { isGlobal: undefined, name: undefined };

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<QuonfigModuleOptions>({
  optionsInjectionToken: GIVEN_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQuonfigOptions')
  .setExtras(noExtras, (definition, { isGlobal, name }) => ({
    ...definition,
    global: isGlobal ?? true,
    providers: [...(definition.providers ?? []), ...instanceProviders(name, GIVEN_OPTIONS)],
    exports: exportedTokens(name),
  }))
  .build();
