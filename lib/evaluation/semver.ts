/** A SemVer 2.0.0 version, without build metadata, which comparisons ignore. */
export interface Version {
  /** Major, minor and patch as strings, compared by length and then by characters, so that no number overflows. */
  readonly core: readonly string[];
  readonly prerelease: readonly string[];
}

const NUMBER = '(0|[1-9]\\d*)';
const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
/** Keeps the pattern cheap on any input; no real version is longer. */
const MAX_LENGTH = 256;

/** Parses a strict SemVer version; returns `undefined` for anything else (`1.2`, `v1.2.3`, `01.0.0`). */
export function parseVersion(value: unknown): Version | undefined {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  const found = SEMVER.exec(value);
  if (found === null) return undefined;
  return { core: found.slice(1, 4), prerelease: found[4]?.split('.') ?? [] };
}

/** Compares two versions by precedence: negative, zero or positive. */
export function compareVersions(left: Version, right: Version): number {
  for (let i = 0; i < 3; i++) {
    const order = compareNumbers(left.core[i]!, right.core[i]!);
    if (order !== 0) return order;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  // A version without prerelease takes precedence over any with one.
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareIdentifiers(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(left: string, right: string): number {
  const leftIsNumber = isNumber(left);
  const rightIsNumber = isNumber(right);
  if (leftIsNumber && rightIsNumber) return compareNumbers(left, right);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
  return compareStrings(left, right);
}

function isNumber(identifier: string): boolean {
  return /^\d+$/.test(identifier);
}

/** Without leading zeros, the longer number is the larger one. */
function compareNumbers(left: string, right: string): number {
  return left.length - right.length || compareStrings(left, right);
}

function compareStrings(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
