import { relative, resolve } from 'node:path';
import { CommandError, MisuseError } from '../command.errors.js';
import { defineCommand, FAILED, type Invocation, OK } from '../command.js';
import { DATADIR } from '../shared-options.js';
import type { Terminal } from '../terminal.js';
import { printDiff } from '../text/print-diff.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import {
  liveAndDatadir,
  methodsConflict,
  nameInvalid,
  noKeys,
  outOfDate,
  sameFile,
  upToDate,
  watchAndCheck,
  watchNeedsFiles,
  written,
} from './generate.messages.js';
import { classFile, typesFile } from './generated-code.js';
import { type GeneratedFile, readGenerated, writeGenerated } from './generated-file.js';
import { linksFor } from './links.js';
import { nameConflicts } from './method-names.js';
import { type OutputSettings, readSettings } from './settings.js';
import { type DocumentSource, liveSource, workspaceSource } from './sources.js';
import { type TypedConfig, typedConfigs } from './typed-config.js';
import { followWorkspace } from './watch.js';

const OPTIONS = {
  ...DATADIR,
  live: { about: 'take the environment of QUONFIG_BACKEND_SDK_KEY instead' },
  'api-url': { value: 'URL', about: "the API for --live, if it is not Quonfig's" },
  output: { value: 'DIR', about: 'where files go; else quonfig.config.json, src/generated' },
  service: { about: 'also generate an injectable class with a method per key' },
  interface: { value: 'NAME', about: 'an interface of this name instead of QuonfigTypes' },
  instance: { value: 'NAME', about: 'the named instance that the class reads from' },
  link: { value: 'URL', about: 'what comments link to, with {key}; else the file' },
  check: { about: 'write nothing; exit with 1 and a diff if out of date' },
  watch: { about: 'generate again whenever the workspace changes' },
} as const;

type Options = Invocation<typeof OPTIONS>['options'];

export const generate = defineCommand({
  usage: '[options]',
  about: [
    'Writes the keys of a workspace and the types of their values to a file: keys',
    'that do not exist, or have another type, then fail to compile.',
  ],
  options: OPTIONS,
  examples: ['generate --datadir workspace --service', 'generate --check'],
  async run({ options, terminal }) {
    checkOptions(options);
    const settings = await settingsFor(options);
    const source = options.live
      ? liveSource(options['api-url'])
      : workspaceSource(findWorkspace(options.datadir), terminal);
    const once = async (): Promise<number> => {
      const files = await filesFor(source, options, settings, terminal);
      return options.check ? check(files, terminal) : write(files, terminal);
    };
    if (!options.watch) return once();
    await followWorkspace(source.name, once, terminal);
    return OK;
  },
});

function checkOptions(options: Options): void {
  if (options.live && options.datadir !== undefined) throw new MisuseError(liveAndDatadir());
  if (options.watch && options.check) throw new MisuseError(watchAndCheck());
  if (options.watch && options.live) throw new MisuseError(watchNeedsFiles());
  const { interface: name } = options;
  if (name !== undefined && !/^[A-Z][\w$]*$/i.test(name)) {
    throw new MisuseError(nameInvalid('--interface', name));
  }
}

async function settingsFor(options: Options): Promise<OutputSettings> {
  const settings = await readSettings(process.cwd());
  const outputDirectory = resolve(options.output ?? settings.outputDirectory);
  const wantsClass = options.service ?? settings.wantsClass;
  if (wantsClass && settings.declarationFileName === settings.clientFileName) {
    throw new CommandError(sameFile(settings.clientFileName));
  }
  return { ...settings, outputDirectory, wantsClass };
}

async function filesFor(
  source: DocumentSource,
  options: Options,
  settings: OutputSettings,
  terminal: Terminal,
): Promise<GeneratedFile[]> {
  const { outputDirectory, declarationFileName, clientFileName, wantsClass } = settings;
  const configs = typedConfigs(await source.read());
  if (configs.length === 0) terminal.note(noKeys(source.name));
  const linkOf = linksFor(outputDirectory, options.link);
  const { interface: interfaceName, instance } = options;
  const file = (name: string, text: string): GeneratedFile => ({
    path: resolve(outputDirectory, name),
    text,
    keys: configs.length,
  });
  const files = [file(declarationFileName, typesFile(configs, interfaceName, linkOf))];
  if (!wantsClass) return files;
  failOnConflicts(configs);
  const typesModule = `./${declarationFileName.replace(/(\.d)?\.([mc]?)ts$/, '.$2js')}`;
  const naming = { className: 'QuonfigConfigs', interfaceName, instance, typesModule };
  return [...files, file(clientFileName, classFile(configs, naming, linkOf))];
}

function failOnConflicts(configs: readonly TypedConfig[]): void {
  for (const [name, keys] of nameConflicts(configs.map(({ key }) => key))) {
    throw new CommandError(methodsConflict(name, keys));
  }
}

async function write(files: readonly GeneratedFile[], terminal: Terminal): Promise<number> {
  for (const file of files) {
    const shown = shownPath(file);
    const changed = await writeGenerated(file);
    terminal.note(changed ? written(shown, file.keys) : upToDate(shown));
  }
  return OK;
}

async function check(files: readonly GeneratedFile[], terminal: Terminal): Promise<number> {
  const stale: string[] = [];
  for (const file of files) {
    const shown = shownPath(file);
    const before = await readGenerated(file.path);
    const names = [before === undefined ? '/dev/null' : shown, shown] as const;
    if (printDiff({ names, before: before ?? '', after: file.text }, terminal)) stale.push(shown);
  }
  if (stale.length === 0) {
    for (const file of files) terminal.note(upToDate(shownPath(file)));
    return OK;
  }
  terminal.fail(outOfDate(stale));
  return FAILED;
}

const shownPath = ({ path }: GeneratedFile): string =>
  relative(process.cwd(), path).replaceAll('\\', '/');
