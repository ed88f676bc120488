/**
 * The beginning of a text, with no half of a surrogate pair at its end. What is cut is copied: a slice would keep the
 * whole text alive.
 */
export function textWithin(maxLength: number, text: string): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return copied(text.slice(0, splitsPair ? maxLength - 1 : maxLength));
}

/** The same text in memory of its own; half as much where that will do. */
export function copied(text: string): string {
  const narrow = Buffer.from(text, 'latin1').toString('latin1');
  return narrow === text ? narrow : Buffer.from(text, 'utf16le').toString('utf16le');
}
