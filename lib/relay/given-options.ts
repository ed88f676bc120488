import type { FactoryProvider, InjectionToken, Provider } from '@nestjs/common';
import type { QuonfigRelayOptions } from './relay-options.js';

let count = 0;

/** The options, in a private field: inspecting the container does not show the keys in them. */
export class GivenOptions {
  readonly #options: QuonfigRelayOptions;
  /** Keeps modules apart that Nest identifies by the content of their providers. */
  readonly id = ++count;

  constructor(options: QuonfigRelayOptions) {
    this.#options = options;
  }

  read(): QuonfigRelayOptions {
    return this.#options;
  }
}

/** Wraps the options that a provider returns; any other provider is returned as it is. */
export function concealed(provider: Provider, token: InjectionToken): Provider {
  if (typeof provider === 'function' || provider.provide !== token) return provider;
  if ('useFactory' in provider) {
    const { useFactory, ...rest } = provider as FactoryProvider<QuonfigRelayOptions>;
    return {
      ...rest,
      useFactory: async (...dependencies: unknown[]) =>
        new GivenOptions(await useFactory(...dependencies)),
    };
  }
  const { useValue } = provider as { useValue: QuonfigRelayOptions };
  return { provide: token, useValue: new GivenOptions(useValue) };
}
