import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CommandError } from '../command.errors.js';
import { defineCommand, OK } from '../command.js';
import { makeDirectory } from '../output/make-directory.js';
import type { Terminal } from '../terminal.js';
import { printDiff } from '../text/print-diff.js';
import { loadTypeScript } from '../typescript/load-typescript.js';
import { SETTINGS_FILE } from '../workspace/find-workspace.js';
import { exampleWorkspace } from './example-workspace.js';
import {
  applied,
  applyHint,
  created,
  fileExists,
  modulePresent,
  moduleMissing,
  moduleUnread,
  nextStep,
  notWritten,
  workspaceExists,
} from './init.messages.js';
import { editModule, type ModuleEdit, moduleLines } from './module-edit.js';

export const init = defineCommand({
  usage: '[options]',
  about: [
    'Creates a workspace with an example, and prints how to import the module.',
    'Existing files are not changed, unless you pass --apply.',
  ],
  options: {
    datadir: { value: 'DIR', about: 'the new directory; else QUONFIG_DIR, ./our-config' },
    module: { value: 'FILE', about: 'the root module; default: src/app.module.ts' },
    apply: { about: 'write the import into the root module' },
  },
  examples: ['init', 'init --datadir workspace --apply'],
  async run({ options, terminal }) {
    const datadir = options.datadir ?? (process.env['QUONFIG_DIR'] || 'our-config');
    createWorkspace(datadir, terminal);
    const file = options.module ?? 'src/app.module.ts';
    await addModule(file, datadir, options.apply === true, terminal);
    terminal.note(nextStep(shown(datadir)));
    return OK;
  },
});

function createWorkspace(datadir: string, terminal: Terminal): void {
  if (existsSync(join(datadir, SETTINGS_FILE))) throw new CommandError(workspaceExists(datadir));
  const schemas = relative(resolve(datadir), resolve('node_modules/nestjs-quonfig/schemas'));
  const example = exampleWorkspace(basename(process.cwd()), schemas.replaceAll('\\', '/'));
  const files = example.map(({ path, text }) => ({ path: join(datadir, path), text }));
  const taken = files.find(({ path }) => existsSync(path));
  if (taken !== undefined) throw new CommandError(fileExists(taken.path));
  for (const { path, text } of files) {
    writing(path, () => {
      makeDirectory(dirname(path));
      writeFileSync(path, text, { flag: 'wx' });
    });
    terminal.note(created(shown(path)));
  }
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(notWritten(path, code ?? 'unknown error'));
  }
}

async function addModule(
  file: string,
  datadir: string,
  apply: boolean,
  terminal: Terminal,
): Promise<void> {
  const option = optionFor(datadir);
  let edit: ModuleEdit = { kind: 'no module' };
  if (existsSync(file)) {
    try {
      edit = await readAndEdit(file, option);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return explain(moduleUnread(error.message), option, terminal);
    }
  }
  if (edit.kind === 'present') return terminal.note(modulePresent(file));
  if (edit.kind === 'no module') return explain(moduleMissing(file), option, terminal);
  const { before, after } = edit;
  printDiff({ names: [`a/${shown(file)}`, `b/${shown(file)}`], before, after }, terminal);
  if (!apply) return terminal.note(applyHint(shown(file)));
  writing(file, () => writeFileSync(file, after));
  terminal.note(applied(shown(file)));
}

async function readAndEdit(file: string, datadir: string): Promise<ModuleEdit> {
  const parser = await loadTypeScript(process.cwd());
  try {
    return editModule(parser, resolve(file), datadir);
  } finally {
    parser.close();
  }
}

function explain(why: string, datadir: string, terminal: Terminal): void {
  terminal.note(why);
  terminal.print("import { QuonfigModule } from 'nestjs-quonfig';");
  for (const line of moduleLines(datadir)) terminal.print(line);
}

/** How the option names the directory: relative to where the application starts. */
function optionFor(datadir: string): string {
  const path = shown(datadir);
  return /^(?:\.\.?\/|\/|[A-Za-z]:)/.test(path) ? path : `./${path}`;
}

/** Relative to the working directory, with forward slashes, which work on every system. */
const shown = (path: string): string =>
  (relative(process.cwd(), resolve(path)) || '.').replaceAll('\\', '/');
