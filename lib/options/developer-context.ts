import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import {
  type Contexts,
  contextTier,
  type ContextTier,
  isJsonObject,
  type WarnsOnce,
} from '../model/index.js';
import { tokensNotJson } from './developer-context.messages.js';
import { fromEnvironment, OPTIONS } from './option-table.js';
import type { ResolvedOptions } from './resolved-options.js';

const DEFAULT_DOMAIN = OPTIONS.domain.default;

export interface DeveloperContextOptions {
  readonly enabled: boolean;
  /** Called only if needed; may throw, since a user need not have a home directory. */
  readonly homeDir: () => string;
  /** Which login counts, see {@link developerContextDomain}. */
  readonly domain: string;
  readonly warn: (message: string) => void;
}

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

/**
 * Returns the context `quonfig-user` with the email address of the developer who is logged in on this machine, if there is
 * one. The file contains tokens, so only the address is kept.
 */
export function readDeveloperContext(options: DeveloperContextOptions): Contexts | undefined {
  if (!options.enabled) return undefined;
  let file: string;
  let text: string;
  try {
    const home = options.homeDir();
    // If HOME is empty, the path would be relative to the working directory.
    if (!isAbsolute(home)) return undefined;
    file = join(home, '.quonfig', tokensFile(options.domain));
    // Reading a pipe would wait for a writer.
    if (!statSync(file).isFile()) return undefined;
    text = readFileSync(file, 'utf8');
  } catch {
    // No one is logged in, or there is no home directory: the usual case on a server.
    return undefined;
  }
  let tokens: unknown;
  try {
    tokens = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    options.warn(tokensNotJson(file));
    return undefined;
  }
  const email = isJsonObject(tokens) ? tokens['userEmail'] : undefined;
  return typeof email === 'string' && email !== '' ? { 'quonfig-user': { email } } : undefined;
}

function tokensFile(domain: string): string {
  return domain === DEFAULT_DOMAIN ? 'tokens.json' : `tokens-${domain.replaceAll('.', '-')}.json`;
}

/** Whether the developer context is on. Only the value `false` of the environment variable turns it off. */
export function developerContextEnabled(
  option: boolean | null | undefined,
  env: NodeJS.ProcessEnv,
): boolean {
  const variable = fromEnvironment('enableQuonfigUserContext', env);
  if (option !== undefined && option !== null) return option;
  return variable === undefined ? OPTIONS.enableQuonfigUserContext.default : variable !== 'false';
}

/** The domain whose login counts: the host of the first API URL without a leading `app.` or `primary.`. */
export function developerContextDomain(apiUrl: string | undefined): string {
  if (apiUrl === undefined || !URL.canParse(apiUrl)) return DEFAULT_DOMAIN;
  return new URL(apiUrl).hostname.replace(/^(app|primary)\./, '') || DEFAULT_DOMAIN;
}
