/** Characters that end a line, hide in an editor or reorder what it shows. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const MAX_COMMENT = 1_000;

/** A string literal in single quotes. No text can end it early or change how an editor shows the code around it. */
export function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(INVISIBLE, escaped)}'`;
}

/** A property name: quoted unless it is an ordinary identifier. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : quoted(name);
}

/**
 * A documentation comment, or nothing if there is no text. No text can end the comment or begin a JSDoc tag; `tag` is one.
 *
 * @param paragraphs separated by blank lines; empty ones are left out
 */
export function docComment(paragraphs: readonly string[], indent: string, tag?: string): string {
  const texts = paragraphs.map(commentText).filter((text) => text !== '');
  if (tag !== undefined) texts.push(tag);
  if (texts.length === 0) return '';
  const lines = texts.join('\n\n').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  const body = lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`);
  return `${indent}/**\n${body.join('')}${indent} */\n`;
}

/** Text for a comment. Backslashes before a slash and an `@` do not show in editors. */
function commentText(text: string): string {
  return cut(text)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replaceAll(INVISIBLE, ' ').trim())
    .join('\n')
    .replaceAll('*/', String.raw`*\/`)
    .replaceAll(/^@/gm, String.raw`\@`)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function cut(text: string): string {
  return text.length > MAX_COMMENT ? `${text.slice(0, MAX_COMMENT).trimEnd()} …` : text;
}

function escaped(character: string): string {
  if (character === '\n') return String.raw`\n`;
  if (character === '\t') return String.raw`\t`;
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
