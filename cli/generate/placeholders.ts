/** `{{name}}`, `{{{name}}}` and `{{&name}}`. The generated class has the same expression. */
export const PLACEHOLDER = String.raw`\{\{\{\s*([\p{L}_$][\p{L}\p{N}_$.-]*)\s*\}\}\}|\{\{&?\s*([\p{L}_$][\p{L}\p{N}_$.-]*)\s*\}\}`;

/** Sections, partials and the like. What they repeat or include cannot be a string parameter. */
const OTHER_TAG = /\{\{\s*[#^/>=]/;

/** The placeholders of all these texts, sorted; none if one of the texts needs more of Mustache than placeholders. */
export function placeholdersIn(texts: readonly string[]): string[] {
  if (texts.some((text) => OTHER_TAG.test(text))) return [];
  const names = new Set<string>();
  for (const text of texts) {
    for (const [, triple, double] of text.matchAll(new RegExp(PLACEHOLDER, 'gu'))) {
      names.add((triple ?? double)!);
    }
  }
  names.delete('__proto__');
  return [...names].sort();
}
