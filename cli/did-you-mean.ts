/** Returns the name that was probably meant. Loads the library, which a correct call may not need. */
export async function didYouMean(
  written: string,
  names: Iterable<string>,
): Promise<string | undefined> {
  const { closestName } = await import('nestjs-quonfig');
  return closestName(written, names);
}
