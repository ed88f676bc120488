/**
 * Cuts a string to a length, never in the middle of a surrogate pair. A lone surrogate becomes U+FFFD: it has no UTF-8
 * form, and receivers of JSON may refuse it.
 */
export function cutText(maxLength: number, string: string): string {
  if (string.length <= maxLength) return string.toWellFormed();
  const last = string.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return string.slice(0, splitsPair ? maxLength - 1 : maxLength).toWellFormed();
}
