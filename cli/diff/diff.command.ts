import { MisuseError } from '../command.errors.js';
import { defineCommand, OK } from '../command.js';
import { didYouMean } from '../did-you-mean.js';
import { documentsOf } from '../documents/documents.js';
import { DATADIR, JSON_OUTPUT } from '../shared-options.js';
import { harmless } from '../style.js';
import type { Terminal } from '../terminal.js';
import type { JsonObject } from '../workspace/document-parts.js';
import { chooseEnvironment } from '../workspace/environment.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { environmentsIn } from '../workspace/settings.js';
import { readWithProgress } from '../workspace/read-with-progress.js';
import type { WorkspaceFiles } from '../workspace/workspace-files.js';
import { changesBetween, type KeyChange } from './changes.js';
import {
  environmentWithEnvironments,
  neither,
  noChanges,
  oneEnvironment,
} from './diff.messages.js';
import { isRevision, revisionHint, workspaceAt } from './git-workspace.js';

/** A change, and the environments in which it is the same; none if two environments are compared. */
interface Difference extends KeyChange {
  readonly environments?: readonly string[];
}

interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly changes: readonly Difference[];
}

export const diff = defineCommand({
  usage: 'A [B] [options]',
  about: [
    'A and B are two environments, or two git revisions of the workspace. A single',
    'revision is compared with the files as they are now.',
  ],
  operands: { min: 1, max: 2, are: 'environments' },
  options: {
    ...DATADIR,
    environment: { value: 'NAME', about: 'only this environment, when comparing revisions' },
    ...JSON_OUTPUT,
  },
  examples: ['diff staging production', 'diff main --environment production'],
  async run({ options, operands, terminal }) {
    const datadir = findWorkspace(options.datadir);
    const comparison = await compare(
      readWithProgress(datadir, terminal),
      operands,
      options.environment,
    );
    if (options.json) terminal.print(JSON.stringify(comparison, null, 2));
    else print(comparison, terminal);
    return OK;
  },
});

async function compare(
  current: WorkspaceFiles,
  [first, second]: readonly string[],
  environment: string | undefined,
): Promise<Comparison> {
  const { datadir } = current;
  const environments = environmentsIn(current.settings.content);
  const isEnvironment = (name: string | undefined): boolean =>
    name !== undefined && environments.includes(name);
  if (isEnvironment(first) && isEnvironment(second)) {
    if (environment !== undefined) throw new MisuseError(environmentWithEnvironments());
    const documents = byKey(current);
    const side = (name: string): { documents: typeof documents; environment: string } => ({
      documents,
      environment: name,
    });
    return {
      before: first!,
      after: second!,
      changes: changesBetween(side(first!), side(second!)),
    };
  }
  for (const name of [first!, ...(second === undefined ? [] : [second])]) {
    if (isRevision(datadir, name)) continue;
    if (isEnvironment(name)) throw new MisuseError(oneEnvironment(name));
    const meant = await didYouMean(name, environments);
    throw new MisuseError(neither(name, environments, meant, revisionHint(datadir, name)));
  }
  const before = workspaceAt(datadir, first!);
  const after = second === undefined ? current : workspaceAt(datadir, second);
  const chosen =
    environment === undefined
      ? [...new Set([before, after].flatMap(({ settings }) => environmentsIn(settings.content)))]
      : [await chooseEnvironment(environment, environmentsIn(after.settings.content))];
  return {
    before: first!,
    after: second ?? 'the working tree',
    changes: acrossEnvironments(before, after, chosen),
  };
}

/** What differs in each environment, with equal changes of a key as one. */
function acrossEnvironments(
  before: WorkspaceFiles,
  after: WorkspaceFiles,
  environments: readonly string[],
): Difference[] {
  const [old, current] = [byKey(before), byKey(after)];
  const merged = new Map<string, { change: KeyChange; environments: string[] }>();
  for (const environment of environments) {
    const changes = changesBetween(
      { documents: old, environment },
      { documents: current, environment },
    );
    for (const change of changes) {
      const identity = JSON.stringify(change);
      const same = merged.get(identity);
      if (same === undefined) merged.set(identity, { change, environments: [environment] });
      else same.environments.push(environment);
    }
  }
  return [...merged.values()]
    .map(({ change, environments: names }) => ({ ...change, environments: names }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
}

function byKey(files: WorkspaceFiles): Map<string, JsonObject> {
  const documents = new Map<string, JsonObject>();
  for (const { content, isSchema } of documentsOf(files)) {
    const { key } = content;
    if (!isSchema && typeof key === 'string') documents.set(key, { ...content });
  }
  return documents;
}

const MARKS = { added: '+', removed: '-', changed: '~', affected: '~' } as const;

function print({ before, after, changes }: Comparison, terminal: Terminal): void {
  const { style } = terminal;
  if (changes.length === 0) {
    terminal.print(noChanges(before, after));
    return;
  }
  terminal.print(style.dim(`--- ${before}\n+++ ${after}`));
  for (const change of changes) {
    const where = change.environments === undefined ? '' : ` in ${change.environments.join(', ')}`;
    const mark = MARKS[change.change];
    const key = style.bold(harmless(change.key));
    terminal.print('');
    terminal.print(`${mark} ${key} ${style.dim(`${change.type}, ${change.change}${where}`)}`);
    if (change.valueTypes !== undefined) {
      terminal.print(`    type: ${change.valueTypes.join(' → ')}`);
    }
    for (const { sign, list, ruleIndex, text } of change.rules) {
      const line = `  ${sign} ${list} rule ${ruleIndex + 1}: ${harmless(text)}`;
      terminal.print(sign === '+' ? style.green(line) : style.red(line));
    }
    terminal.print(style.dim(`    ${harmless(contextsText(change))}`));
  }
}

/** Which contexts can get another answer. */
function contextsText(change: KeyChange): string {
  const { properties, everyContext, afterEarlierRules, through } = change;
  const because = through.length === 0 ? '' : ` through ${through.join(', ')}`;
  const reads = properties.length === 0 ? '' : `depending on ${properties.join(', ')}`;
  const every = afterEarlierRules
    ? 'for every context that no earlier rule matches'
    : 'for every context';
  const parts = [reads, everyContext ? every : ''].filter((part) => part !== '');
  return parts.length === 0
    ? `could change${because}`
    : `could change${because} ${parts.join(', and ')}`;
}
