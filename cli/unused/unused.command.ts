import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { MisuseError } from '../command.errors.js';
import { defineCommand, FAILED, OK } from '../command.js';
import { didYouMean } from '../did-you-mean.js';
import { documentsOf, type WorkspaceDocument } from '../documents/documents.js';
import { GENERATED_MARK } from '../generate/generated-code.js';
import { DATADIR, JSON_OUTPUT } from '../shared-options.js';
import { harmless } from '../style.js';
import type { Terminal } from '../terminal.js';
import { loadTypeScript } from '../typescript/load-typescript.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { readWithProgress } from '../workspace/read-with-progress.js';
import {
  allMentions,
  missingKeys,
  type SourceMentions,
  type UnusedConfig,
  unusedConfigs,
} from './findings.js';
import { type FileMentions, type Mention, mentionsIn, type Place } from './mentions.js';
import { DEFAULT_INSTANCE } from './receivers.js';
import { isTestFile, sourceFilesIn } from './source-files.js';
import {
  clientsToo,
  missingHeading,
  noSources,
  nothingFound,
  openReads,
  suggestion,
  summary,
  unusedHeading,
} from './unused.messages.js';

export const unused = defineCommand({
  usage: '[options]',
  about: [
    'Compares the keys of a workspace with those that source files mention: by reads,',
    'decorators and handlers. Exits with 1 if they differ.',
  ],
  options: {
    ...DATADIR,
    src: { value: 'PATH', multiple: true, about: 'code to search; default: src. Repeatable' },
    ignore: { value: 'KEY', multiple: true, about: 'keys to leave out, * for any characters' },
    instance: { value: 'NAME', about: 'the named instance that has this workspace' },
    ...JSON_OUTPUT,
  },
  examples: [
    'unused --datadir workspace --src src --src ../web/src',
    "unused --ignore 'log-level.*'",
  ],
  async run({ options, terminal }) {
    const documents = documentsOf(readWithProgress(findWorkspace(options.datadir), terminal));
    const files = sourceFilesIn(options.src ?? ['src']);
    if (files.length === 0) throw new MisuseError(noSources(options.src ?? ['src']));
    const mentions = await readSources(files, terminal);
    const report: Report = {
      missing: await withSuggestions(
        missingKeys(documents, mentions.mentions, options.instance ?? DEFAULT_INSTANCE),
        documents,
      ),
      unused: unusedConfigs(documents, mentions, options.ignore ?? []),
      openReads: mentions.openReads,
    };
    if (options.json) terminal.print(JSON.stringify(plain(report), null, 2));
    else print(report, terminal);
    const found = report.missing.length + report.unused.length;
    if (found === 0 && !options.json) terminal.note(nothingFound(documents.length, files.length));
    return found === 0 ? OK : FAILED;
  },
});

interface Report {
  readonly missing: readonly (Mention & { suggestion: string | undefined })[];
  readonly unused: readonly UnusedConfig[];
  readonly openReads: FileMentions['openReads'];
}

async function readSources(files: readonly string[], terminal: Terminal): Promise<SourceMentions> {
  const written: string[] = [];
  let hasGeneratedClass = false;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (!text.slice(0, 200).includes(GENERATED_MARK)) written.push(file);
    else if (text.includes('#quonfig')) hasGeneratedClass = true;
  }
  const parser = await loadTypeScript(process.cwd());
  const progress = terminal.progress('Reading source files');
  try {
    const all: FileMentions[] = [];
    for (const tree of parser.parse(written)) {
      const found = mentionsIn(tree, parser.syntax);
      // A test may well read a key that does not exist.
      all.push(isTestFile(tree.file) ? { ...found, mentions: [], openReads: [] } : found);
      progress.report(all.length, written.length);
    }
    return { ...allMentions(all), hasGeneratedClass };
  } finally {
    progress.end();
    parser.close();
  }
}

function withSuggestions(
  missing: readonly Mention[],
  documents: readonly WorkspaceDocument[],
): Promise<Report['missing']> {
  const keys = documents.map(({ content }) => String(content['key']));
  return Promise.all(
    missing.map(async (mention) => ({
      ...mention,
      suggestion: await didYouMean(mention.key, keys),
    })),
  );
}

function print({ missing, unused: configs, openReads: open }: Report, terminal: Terminal): void {
  const { style } = terminal;
  if (missing.length > 0) terminal.print(style.bold(missingHeading));
  for (const { key, by, place, suggestion: name } of missing) {
    const said = style.dim(`${by} at ${shown(place)}${harmless(suggestion(name))}`);
    terminal.print(`  ${style.red(harmless(key))}  ${said}`);
  }
  if (missing.length > 0 && configs.length > 0) terminal.print('');
  if (configs.length > 0) terminal.print(style.bold(unusedHeading));
  for (const { key, file, sentToClients } of configs) {
    const note = sentToClients ? `, ${clientsToo}` : '';
    terminal.print(`  ${style.yellow(harmless(key))}  ${style.dim(`${shownPath(file)}${note}`)}`);
  }
  if (missing.length + configs.length > 0) terminal.note(summary(missing.length, configs.length));
  if (open.length > 0) terminal.note(openReads(open.length));
}

/** The report as JSON: paths relative to the working directory. */
function plain({ missing, unused: configs, openReads: open }: Report): object {
  return {
    missing: missing.map(({ key, by, place, suggestion: name }) => ({
      key,
      by,
      ...at(place),
      ...(name !== undefined && { suggestion: name }),
    })),
    unused: configs.map((config) => ({ ...config, file: shownPath(config.file) })),
    openReads: open.map(({ by, place }) => ({ by, ...at(place) })),
  };
}

const at = ({ file, line, column }: Place): object => ({ file: shownPath(file), line, column });

const shown = ({ file, line, column }: Place): string => `${shownPath(file)}:${line}:${column}`;

const shownPath = (file: string): string => relative(process.cwd(), file).replaceAll('\\', '/');
