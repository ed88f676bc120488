import { isAbsolute, type PlatformPath, relative, sep } from 'node:path';
import type { TypedConfig } from './typed-config.js';

/** The link in the comment of a config; `undefined` for none. */
export type LinkOf = (config: Pick<TypedConfig, 'key' | 'file'>) => string | undefined;

/**
 * Links for comments.
 *
 * @param outputDirectory the directory of the generated files, absolute
 * @param template a URL with `{key}`; without it, links lead to the files of the workspace
 */
export function linksFor(outputDirectory: string, template: string | undefined): LinkOf {
  if (template !== undefined) return ({ key }) => template.replaceAll('{key}', () => encoded(key));
  return ({ file }) => (file === undefined ? undefined : relativeLink(outputDirectory, file));
}

/** Relative, with forward slashes, on Windows too. A file on another drive has no such link. */
export function relativeLink(
  directory: string,
  file: string,
  path: Pick<PlatformPath, 'relative' | 'isAbsolute' | 'sep'> = { relative, isAbsolute, sep },
): string | undefined {
  const steps = path.relative(directory, file);
  return path.isAbsolute(steps) ? undefined : steps.split(path.sep).map(encoded).join('/');
}

/** Also what would end a link or a comment. Half of a surrogate pair cannot be encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\uFFFD')).replaceAll(
    /[()!'*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
