import type { FactoryProvider, InjectionToken, Provider, ValueProvider } from '@nestjs/common';
import type { QuonfigModuleOptions } from '../interfaces/index.js';

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

/** Wraps the options that the provider with this token returns; any other provider is returned as it is. */
export function concealed(provider: Provider, token: InjectionToken): Provider {
  if (typeof provider === 'function' || provider.provide !== token) return provider;
  if ('useFactory' in provider) {
    const { useFactory, ...rest } = provider as FactoryProvider<QuonfigModuleOptions>;
    return {
      ...rest,
      useFactory: async (...dependencies: unknown[]) =>
        new GivenOptions(await useFactory(...dependencies)),
    };
  }
  const { useValue } = provider as ValueProvider<QuonfigModuleOptions>;
  return { provide: token, useValue: new GivenOptions(useValue) };
}
