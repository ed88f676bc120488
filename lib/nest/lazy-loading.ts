import type { ModulesContainer } from '@nestjs/core';

/**
 * Returns whether the module that provides this instance was added after the application had been scanned, by
 * `LazyModuleLoader`. The scan measures how far each module is from the root, or imports it there if it is global; neither
 * happens to a module that comes later.
 */
export function isLoadedLazily(modules: ModulesContainer, instance: object): boolean {
  // The first module is Nest's own, the second the root of the application.
  const [, root] = modules.values();
  for (const module of modules.values()) {
    const providers = [...module.providers.values()];
    if (!providers.some((provider) => provider.instance === instance)) continue;
    const scanned = module.isGlobal ? root?.imports.has(module) : module.distance > 0;
    return module !== root && !scanned;
  }
  return false;
}
