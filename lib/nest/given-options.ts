import type { FactoryProvider, InjectionToken, Provider, ValueProvider } from '@nestjs/common';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { optionsFailed } from './nest.messages.js';
import type { overridingParts } from './overriding-service.js';

type OverridingParts = NonNullable<ReturnType<typeof overridingParts>>;

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
 * Wraps the options that the provider with this token returns; any other provider is returned as it is.
 *
 * @param overridden token of the parts of a service that a test put in place of the module's own: a factory may then fail,
 *   because a test need not have what the options need
 */
export function concealed(
  provider: Provider,
  token: InjectionToken,
  overridden: InjectionToken,
): Provider {
  if (typeof provider === 'function' || provider.provide !== token) return provider;
  if ('useFactory' in provider) {
    const { useFactory, inject = [], ...rest } = provider as FactoryProvider<QuonfigModuleOptions>;
    return {
      ...rest,
      inject: [{ token: overridden, optional: true }, ...inject],
      useFactory: async (overriding: OverridingParts | undefined, ...dependencies: unknown[]) => {
        try {
          return new GivenOptions(await useFactory(...dependencies));
        } catch (reason) {
          if (overriding === undefined) throw reason;
          overriding.options.logger.warn(optionsFailed(reason));
          return new GivenOptions({});
        }
      },
    };
  }
  const { useValue } = provider as ValueProvider<QuonfigModuleOptions>;
  return { provide: token, useValue: new GivenOptions(useValue) };
}
