import type { WorkspaceDocument } from '../documents/documents.js';
import { referencesOf } from '../documents/references.js';
import { methodName } from '../generate/method-names.js';
import { matchesPattern } from './key-expressions.js';
import type { FileMentions, Mention } from './mentions.js';
import type { Instance } from './receivers.js';

/** A config that no source file mentions. */
export interface UnusedConfig {
  readonly key: string;
  readonly type: string;
  /** Absolute path of its file. */
  readonly file: string;
  /** Whether browsers and mobile applications receive it, whose code may mention it. */
  readonly sentToClients: boolean;
}

/** What all source files say about keys. */
export interface SourceMentions extends FileMentions {
  /** Whether the generated class is among the files: its methods then mention keys. */
  readonly hasGeneratedClass: boolean;
}

/** Merges what several files say. */
export function allMentions(files: readonly FileMentions[]): FileMentions {
  return {
    mentions: files.flatMap(({ mentions }) => mentions),
    openReads: files.flatMap(({ openReads }) => openReads),
    strings: new Set(files.flatMap(({ strings }) => [...strings])),
    patterns: new Set(files.flatMap(({ patterns }) => [...patterns])),
    properties: new Set(files.flatMap(({ properties }) => [...properties])),
  };
}

/**
 * Configs, flags and log levels that neither source files nor other configs mention, and segments that no config uses.
 *
 * @param ignored patterns of keys that are left out
 */
export function unusedConfigs(
  documents: readonly WorkspaceDocument[],
  { strings, patterns, properties, hasGeneratedClass }: SourceMentions,
  ignored: readonly string[],
): UnusedConfig[] {
  const referenced = new Set(documents.flatMap(({ content }) => referencesOf(content)));
  return documents.flatMap(({ content, file, isSchema }) => {
    const { key, type } = content;
    if (isSchema || type === 'schema' || typeof key !== 'string') return [];
    const used =
      strings.has(key) ||
      referenced.has(key) ||
      (hasGeneratedClass && properties.has(methodName(key))) ||
      fits(key, patterns) ||
      fits(key, ignored);
    if (used) return [];
    const sentToClients = type === 'feature_flag' || content['sendToClientSdk'] === true;
    return { key, type: String(type), file, sentToClients };
  });
}

const fits = (key: string, patterns: Iterable<string>): boolean =>
  [...patterns].some((pattern) => matchesPattern(pattern, key));

/** Reads of keys, and handlers for keys, that the workspace does not have. */
export function missingKeys(
  documents: readonly WorkspaceDocument[],
  mentions: readonly Mention[],
  instance: Instance,
): Mention[] {
  const keys = new Set(documents.flatMap(({ content }) => String(content['key'])));
  const exists = (written: string): boolean =>
    keys.has(written) ||
    (written.includes('*') && [...keys].some((key) => matchesPattern(written, key)));
  return mentions.filter((mention) => mention.instance === instance && !exists(mention.key));
}
