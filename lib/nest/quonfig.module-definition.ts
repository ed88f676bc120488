import { type ConfigurableModuleAsyncOptions, ConfigurableModuleBuilder } from '@nestjs/common';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { getQuonfigToken } from './quonfig.tokens.js';
import { concealed } from './given-options.js';
import { exportedTokens, instanceProviders } from './quonfig.providers.js';

/**
 * Options of the module rather than the service. Pass them to `forRoot` with the options, to `forRootAsync` beside the
 * factory.
 *
 * @publicApi
 */
export interface QuonfigModuleExtras {
  /** Whether every module can inject the service without importing this one. Default `true`. */
  isGlobal?: boolean | undefined;
  /** Names the instance, for applications with more than one: `@InjectQuonfig(name)`. If omitted, the instance has no name. */
  name?: string | undefined;
}

/**
 * A class that creates the options of `forRootAsync`, for `useClass` and `useExisting`.
 *
 * @publicApi
 */
export interface QuonfigOptionsFactory {
  /** Returns the options of the service. */
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

const MODULE_OPTIONS = 'QUONFIG_MODULE_OPTIONS';

const noExtras: QuonfigModuleExtras = { isGlobal: undefined, name: undefined };

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<QuonfigModuleOptions>({
  optionsInjectionToken: MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQuonfigOptions')
  .setExtras(noExtras, (definition, { isGlobal, name }) => ({
    ...definition,
    global: isGlobal ?? true,
    providers: [
      ...(definition.providers ?? []).map((provider) =>
        concealed(provider, MODULE_OPTIONS, (part) => getQuonfigToken(name, part)),
      ),
      ...instanceProviders(name, MODULE_OPTIONS),
    ],
    exports: exportedTokens(name),
  }))
  .build();
