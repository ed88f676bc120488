/** A version by SemVer 2.0.0. Build metadata takes no part in comparisons and is not kept. */
export interface Version {
  /** Major, minor and patch; text, compared by length and then by characters, so that no size overflows. */
  readonly core: readonly string[];
  readonly prerelease: readonly string[];
}

const NUMBER = '(0|[1-9]\\d*)';
const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
/** No real version is longer; a bound keeps the check cheap on any input. */
const MAX_LENGTH = 256;

/** Reads a strict SemVer version; anything else (`1.2`, `v1.2.3`, `01.0.0`) is `undefined`. */
export function parseVersion(text: unknown): Version | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
  const found = SEMVER.exec(text);
  if (found === null) return undefined;
  return { core: found.slice(1, 4), prerelease: found[4]?.split('.') ?? [] };
}

/** Precedence of two versions: negative, zero or positive. */
export function compareVersions(left: Version, right: Version): number {
  for (let i = 0; i < 3; i++) {
    const order = compareNumbers(left.core[i]!, right.core[i]!);
    if (order !== 0) return order;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  // A version without prerelease is above any with one.
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
  return compareText(left, right);
}

function isNumber(identifier: string): boolean {
  return /^\d+$/.test(identifier);
}

/** Numbers without leading zeros: the longer is the larger. */
function compareNumbers(left: string, right: string): number {
  return left.length - right.length || compareText(left, right);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
