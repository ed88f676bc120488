import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of code. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly code: string;
  /** The line of the page on which the code starts, from 1. */
  readonly line: number;
  /** The nearest heading, and the heading of the second level that contains it. */
  readonly heading: string;
  readonly section: string;
  /** The file name in backticks, alone on the line above. */
  readonly file: string | undefined;
  /**
   * What stands alone with a colon on the line above, on a page about migrating: `Before` and `After` are the halves of
   * a pair; `Both` uses this package beside the other one.
   */
  readonly half: 'Before' | 'After' | 'Both' | undefined;
}

export interface Heading {
  readonly text: string;
  readonly anchor: string;
}

/** A parsed Markdown page. */
export class Page {
  readonly blocks: Block[] = [];
  readonly headings: Heading[] = [];
  /** The page without its blocks of code, line by line. */
  readonly prose: { readonly text: string; readonly line: number; readonly section: string }[] = [];

  /** @param name path below the root */
  constructor(readonly name: string) {
    const lines = readFileSync(join(root, name), 'utf8').split('\n');
    let heading = '';
    let section = '';
    let above = '';
    for (let index = 0; index < lines.length; index++) {
      const text = lines[index]!;
      const fence = /^```(\w*)$/.exec(text);
      if (fence !== null) {
        const end = lines.indexOf('```', index + 1);
        if (end === -1) throw new Error(`${name}:${index + 1}: the block has no end.`);
        const [, language = ''] = fence;
        const code = lines.slice(index + 1, end).join('\n');
        const [, file] = /^`([^`]+\.\w+)`$/.exec(above) ?? [];
        const half = /^(Before|After|Both):$/.exec(above)?.[1] as Block['half'];
        const line = index + 2;
        this.blocks.push({ page: name, language, code, line, heading, section, file, half });
        index = end;
        above = '';
        continue;
      }
      const title = /^(#+) (.+)$/.exec(text);
      if (title !== null) {
        heading = plain(title[2]!);
        if (title[1]!.length <= 2) section = heading;
        this.headings.push({ text: heading, anchor: this.anchorOf(heading) });
      }
      if (text !== '') above = text;
      this.prose.push({ text, line: index + 1, section });
    }
  }

  /** The links outside of code, to anywhere. */
  links(): { target: string; line: number }[] {
    return this.prose.flatMap(({ text, line }) =>
      [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({
        target: target!,
        line,
      })),
    );
  }

  /** The cells of the first table of a section, without its head and without backticks. */
  table(section: string): string[][] {
    const rows = this.prose
      .filter((line) => line.section === section && line.text.startsWith('|'))
      .map(({ text }) => text.split(/(?<!\\)\|/).slice(1, -1));
    if (rows.length < 3) throw new Error(`${this.name} has no table under "${section}".`);
    return rows.slice(2).map((cells) => cells.map((cell) => plain(cell.trim())));
  }

  /** The list items of a section, each as one line of Markdown; nested items belong to the item above them. */
  items(section: string): string[] {
    const items: string[] = [];
    let open = false;
    for (const { text, section: own } of this.prose) {
      if (own !== section) continue;
      if (text.startsWith('- ')) {
        items.push(text.slice(2));
        open = true;
      } else if (open && text.startsWith('  ')) {
        items.push(`${items.pop()} ${text.trim()}`);
      } else if (text !== '') {
        open = false;
      }
    }
    if (items.length === 0) throw new Error(`${this.name} has no list under "${section}".`);
    return items;
  }

  /** The paragraphs of a section, each as one line of Markdown. */
  paragraphs(section: string): string[] {
    const lines = this.prose.filter((line) => line.section === section).map(({ text }) => text);
    return lines
      .join('\n')
      .split(/\n{2,}/)
      .map((paragraph) => paragraph.replaceAll('\n', ' '));
  }

  /** The anchor that common hosts generate: letters, digits and hyphens; duplicates are numbered. */
  private anchorOf(heading: string): string {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const same = this.headings.filter((other) => other.anchor.replace(/-\d+$/, '') === anchor);
    return same.length === 0 ? anchor : `${anchor}-${same.length}`;
  }
}

/** The README and the pages of docs/. */
export const pages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) =>
      relative(root, join(root, 'docs', name))
        .split(sep)
        .join('/'),
    )
    .sort(),
].map((name) => new Page(name));

export function pageNamed(name: string): Page {
  const found = pages.find((page) => page.name === name);
  if (found === undefined) throw new Error(`The page ${name} does not exist.`);
  return found;
}

/** The place of a block, for test titles. */
export function placeOf({ page, heading, line }: Block): string {
  return `${page}, "${heading}", line ${line}`;
}

function plain(text: string): string {
  return text.replaceAll('`', '').replaceAll('\\|', '|');
}
