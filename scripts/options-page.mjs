// Writes the list of options in docs/options.md from the option table: npm run docs:options
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BEGIN = '<!-- Generated from the option table by `npm run docs:options`. -->';
const END = '<!-- End of the generated list. -->';
const WIDTH = 110;

const GROUPS = [
  ['source', 'Source', 'Where configs come from, and what happens if they do not arrive.'],
  [
    'datadir',
    'Workspace directory',
    'Apply to a `datadir` and have no effect with any other source.',
  ],
  [
    'network',
    'Network',
    'Apply when configs come over the network, that is, with an SDK key and no local source.',
  ],
  ['reads', 'Reads', 'Apply to every read.'],
  ['events', 'Messages and callbacks', 'Functions that the SDK calls.'],
  ['telemetry', 'Telemetry', 'Telemetry needs an SDK key. See [telemetry.md](telemetry.md).'],
];

/** The page with its generated part made anew. */
export function optionsPage(page, rows) {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || after === -1) throw new Error('docs/options.md has lost its markers.');
  return (
    page.slice(0, before) +
    [BEGIN, ...groups(rows), END].join('\n\n') +
    page.slice(after + END.length)
  );
}

function groups(rows) {
  return GROUPS.flatMap(([scope, title, introduction]) => [
    `### ${title}`,
    introduction,
    Object.entries(rows)
      .filter(([, row]) => row.scope === scope)
      .map(([name, row]) => item(name, row))
      .join('\n'),
  ]);
}

function item(name, row) {
  const see = row.see === undefined ? '' : ` See [${row.see.split('#')[0]}](${row.see}).`;
  return wrap(`- \`${name}\`: ${row.description} ${defaultOf(row)}${see}`);
}

function defaultOf(row) {
  const plain = typeof row.default === 'string' ? `\`'${row.default}'\`` : `\`${row.default}\``;
  const value = row.defaultText ?? (row.default === undefined ? undefined : plain);
  const variable = row.variable && `the variable \`${row.variable}\``;
  if (variable && value) return `Default: ${variable}, else ${value}.`;
  return variable || value ? `Default: ${variable ?? value}.` : 'No default.';
}

/** Breaks a list item between words; a link may be longer than a line. */
function wrap(text) {
  const lines = [''];
  for (const word of text.split(/ (?![^[]*\]\()(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)/)) {
    const line = lines.at(-1);
    if (line !== '' && line.length + word.length >= WIDTH) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { OPTIONS } = await import('../build/options/option-table.js');
  const file = new URL('../docs/options.md', import.meta.url);
  writeFileSync(file, optionsPage(readFileSync(file, 'utf8'), OPTIONS));
}
