import type {
  FactoryProvider,
  InjectionToken,
  Provider,
  Type,
  ValueProvider,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { QUONFIG_PARTS } from './quonfig.constants.js';
import { optionsFailed } from './nest.messages.js';
import { Overrides } from './overrides.js';

let count = 0;

/** The options of an application, in a private field: inspecting the container does not show the SDK key in them. */
export class GivenOptions {
  readonly #options: QuonfigModuleOptions;
  /** Keeps modules apart that Nest identifies by the content of their providers. */
  readonly id = ++count;

  constructor(options: QuonfigModuleOptions) {
    this.#options = options;
  }

  /** Returns the options; a test may have overridden their provider with plain ones. */
  static read(given: GivenOptions | QuonfigModuleOptions): QuonfigModuleOptions {
    return given instanceof GivenOptions ? given.#options : given;
  }
}

/**
 * Wraps the options that the provider with this token returns; any other provider is returned as it is. A factory may fail if a
 * test overrides the service, because the test need not have what the options need.
 *
 * @param tokenOf returns the token of a part of the instance
 */
export function concealed(
  provider: Provider,
  token: InjectionToken,
  tokenOf: (part: Type | string) => InjectionToken,
): Provider {
  if (typeof provider === 'function' || provider.provide !== token) return provider;
  if ('useFactory' in provider) {
    const { useFactory, inject = [], ...rest } = provider as FactoryProvider<QuonfigModuleOptions>;
    return {
      ...rest,
      inject: [ModulesContainer, ...inject],
      useFactory: async (modules: ModulesContainer, ...dependencies: unknown[]) => {
        try {
          return new GivenOptions(await useFactory(...dependencies));
        } catch (reason) {
          const { service } = new Overrides(modules, tokenOf(QUONFIG_PARTS), tokenOf);
          if (service === undefined) throw reason;
          service.options.logger.warn(optionsFailed(reason));
          return new GivenOptions({});
        }
      },
    };
  }
  const { useValue } = provider as ValueProvider<QuonfigModuleOptions>;
  return { provide: token, useValue: new GivenOptions(useValue) };
}
