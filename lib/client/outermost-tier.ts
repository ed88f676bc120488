import { homedir } from 'node:os';
import { contextTier, type ContextTier, type WarnsOnce } from '../model/index.js';
import { developerContextDomain, readDeveloperContext } from '../options/developer-context.js';
import type { ResolvedOptions } from '../options/index.js';

/** Returns the outermost contexts of every read: `globalContext`, then the developer context. */
export function outermostTier(options: ResolvedOptions, warns: WarnsOnce): ContextTier | undefined {
  const developer = readDeveloperContext({
    enabled: options.enableQuonfigUserContext,
    homeDir: homedir,
    domain: developerContextDomain(options.network?.addresses.apiUrls[0]),
    warn: (message) => options.logger.warn(message),
  });
  return contextTier(options.globalContext, contextTier(developer), warns);
}
