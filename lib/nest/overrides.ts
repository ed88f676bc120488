import type { InjectionToken, Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { ServiceParts } from '../client/parts.js';
import type { QuonfigParts } from '../client/part-row.js';
import { QuonfigService } from '../client/quonfig.service.js';
import { QuonfigError } from '../errors/index.js';
import { INJECTED_PARTS } from './injected-parts.js';
import { overriddenByFactory } from './nest.messages.js';

/** What a test has put in place of the module's own with `overrideProvider(…).useValue(…)`. */
export interface Overrides {
  /**
   * The parts of the service; `undefined` if it is not overridden, or by a stub. The module then uses these parts instead of
   * creating others: what requests, handlers and the application use is what the service uses, and the options of the module
   * need not be usable in a test.
   */
  readonly service: (ServiceParts & Partial<QuonfigParts>) | undefined;
  readonly parts: Partial<QuonfigParts>;
}

/**
 * Finds the overrides for the instance whose module provides `own`. Nest replaces providers before it creates any instance, so
 * the values are there when the parts are created.
 *
 * @param tokenOf returns the token of a part of the instance
 * @throws {QuonfigError} `overridden_late`: a part is overridden by a class or factory
 */
export function overridesIn(
  modules: ModulesContainer,
  own: InjectionToken,
  tokenOf: (part: Type) => InjectionToken,
): Overrides {
  for (const { providers } of modules.values()) {
    if (!providers.has(own)) continue;
    const service: unknown = providers.get(tokenOf(QuonfigService))?.instance;
    const parts: Record<string, unknown> = {};
    for (const { name, token, select } of INJECTED_PARTS) {
      const provider = providers.get(tokenOf(token));
      if (provider === undefined || provider.metatype === select) continue;
      if (provider.metatype)
        throw new QuonfigError('overridden_late', overriddenByFactory(token.name));
      parts[name] = provider.instance;
    }
    return { service: service instanceof QuonfigService ? service.parts : undefined, parts };
  }
  return { service: undefined, parts: {} };
}
