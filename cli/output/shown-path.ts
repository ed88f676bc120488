import nodePath, { type PlatformPath } from 'node:path';

/**
 * Returns the path of a workspace file for people: relative to the working directory if the file is below it.
 *
 * @param file path below the workspace, with forward slashes
 */
export function shownPath(
  datadir: string,
  file: string,
  cwd: string = process.cwd(),
  path: PlatformPath = nodePath,
): string {
  const absolute = path.resolve(cwd, datadir, ...file.split('/'));
  const relative = path.relative(cwd, absolute);
  const isBelow =
    relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..';
  return isBelow ? relative : absolute;
}

/** Returns a shown path with forward slashes, as JSON, SARIF and annotations have it on every system. */
export function portablePath(shown: string, path: PlatformPath = nodePath): string {
  return path.sep === '\\' ? shown.replaceAll('\\', '/') : shown;
}

/** Returns a shown path as the URI of a SARIF log: relative, or a `file:` URI. */
export function uriOf(shown: string, path: PlatformPath = nodePath): string {
  const portable = portablePath(shown, path);
  const encoded = portable
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  if (!path.isAbsolute(shown)) return encoded;
  const rooted = encoded.startsWith('/') ? encoded : `/${encoded}`;
  return `file://${rooted.replace(/^\/([A-Za-z])%3A\//, '/$1:/')}`;
}
