import type { InjectionToken, Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { ServiceParts } from '../client/parts.js';
import type { QuonfigParts } from '../client/part-row.js';
import { QuonfigService } from '../client/quonfig.service.js';
import { QuonfigError } from '../errors/index.js';
import { INJECTED_PARTS } from './injected-parts.js';
import { overriddenLate } from './nest.messages.js';

type Providers = Parameters<ModulesContainer['set']>[1]['providers'];
type ServiceOverride = ServiceParts & Partial<QuonfigParts>;

/**
 * What a test has put in place of the module's own with `overrideProvider(…).useValue(…)`. Nest replaces providers before it
 * creates any instance, so the values are there when the module needs them. Several modules provide an instance if an application
 * imports the module twice, or a test imports `QuonfigTestingModule` beside it.
 */
export class Overrides {
  private readonly modules: readonly Providers[];

  /**
   * @param own what the modules of the instance provide
   * @param tokenOf returns the token of a part of the instance
   */
  constructor(
    modules: ModulesContainer,
    own: InjectionToken,
    private readonly tokenOf: (part: Type) => InjectionToken,
  ) {
    this.modules = [...modules.values()]
      .map(({ providers }) => providers)
      .filter((providers) => providers.has(own));
  }

  /**
   * The parts of the service; `undefined` if it is not overridden, or by a stub. The module then uses these parts instead of
   * creating others: what requests, handlers and the application use is what the service uses, and the options of the module
   * need not be usable in a test.
   */
  get service(): ServiceOverride | undefined {
    for (const providers of this.modules) {
      const provider = providers.get(this.tokenOf(QuonfigService));
      // The service of a module that has already loaded is an instance, too.
      if (provider?.metatype) continue;
      const instance: unknown = provider?.instance;
      if (instance instanceof QuonfigService) return instance.parts;
    }
    return undefined;
  }

  /** @throws {QuonfigError} `overridden_late`: a part is overridden by something that Nest creates later */
  get parts(): Partial<QuonfigParts> {
    const parts: Record<string, unknown> = {};
    for (const providers of this.modules) {
      for (const { name, token, select } of INJECTED_PARTS) {
        const provider = providers.get(this.tokenOf(token));
        if (provider === undefined || provider.metatype === select) continue;
        const instance: unknown = provider.instance;
        const isLate = Boolean(provider.metatype) || instance instanceof Promise;
        if (!isLate) parts[name] = instance;
        // No other part needs the context.
        else if (name !== 'context') {
          throw new QuonfigError('overridden_late', overriddenLate(token.name));
        }
      }
    }
    return parts;
  }
}
