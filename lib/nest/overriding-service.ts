import type { InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { ServiceParts } from '../client/parts.js';
import type { QuonfigParts } from '../client/part-row.js';
import { QuonfigService } from '../client/quonfig.service.js';

/**
 * The parts of the service that a test has put in place of the module's own with `overrideProvider(…).useValue(…)`;
 * `undefined` if there is none, or if it is a stub. The module then uses these parts instead of creating others: what requests,
 * handlers and the application use is what the service uses, and the options of the module need not be usable in a test.
 *
 * Nest replaces the provider before it creates any instance, so the value is there when the first part asks.
 */
export function overridingParts(
  modules: ModulesContainer,
  service: InjectionToken,
  options: InjectionToken,
): (ServiceParts & Partial<QuonfigParts>) | undefined {
  for (const { providers } of modules.values()) {
    if (!providers.has(options)) continue;
    const instance: unknown = providers.get(service)?.instance;
    if (instance instanceof QuonfigService) return instance.parts;
  }
  return undefined;
}
