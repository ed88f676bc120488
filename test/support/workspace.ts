import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const DIRECTORIES: Record<string, string> = {
  config: 'configs',
  feature_flag: 'feature-flags',
  segment: 'segments',
  log_level: 'log-levels',
  schema: 'schemas',
};

/** The content of a config file in a workspace. */
export interface WorkspaceDocument {
  key: string;
  type: string;
  [field: string]: unknown;
}

export interface WorkspaceContent {
  /** Default: only `production`. */
  environments?: string[];
  configs?: WorkspaceDocument[];
}

/** A real workspace directory below the system's directory for temporary files. */
export class Workspace {
  constructor(readonly path: string) {}

  /** Writes the file of a document, in place, into the directory of its type. */
  write(document: WorkspaceDocument): void {
    this.writeFile(fileOf(document), JSON.stringify(document, null, 2));
  }

  /** Writes any string to a path below the workspace. */
  writeFile(file: string, text: string | Uint8Array): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Removes the file of a document, or whatever else is at a path below the workspace. */
  remove(target: WorkspaceDocument | string): void {
    const file = typeof target === 'string' ? target : fileOf(target);
    rmSync(join(this.path, file), { recursive: true, force: true });
  }

  cleanup(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Creates a workspace of real files. Call its `cleanup()` when done. */
export function createWorkspace({
  environments = ['production'],
  configs = [],
}: WorkspaceContent = {}): Workspace {
  const workspace = new Workspace(temporaryDirectory());
  workspace.writeFile('quonfig.json', JSON.stringify({ environments, workspace: 'test' }));
  for (const document of configs) workspace.write(document);
  return workspace;
}

export function temporaryDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'quonfig-')));
}

function fileOf({ key, type }: WorkspaceDocument): string {
  const directory = DIRECTORIES[type];
  if (directory === undefined) throw new Error(`No directory for documents of type ${type}.`);
  return join(directory, `${key}.json`);
}

/** A string config without targeting. */
export function stringConfig(key: string, value: string): WorkspaceDocument {
  return constantDocument(key, 'config', 'string', value);
}

/** A boolean flag without targeting. */
export function flag(key: string, value: boolean): WorkspaceDocument {
  return constantDocument(key, 'feature_flag', 'bool', value);
}

/** A document with one default rule without criteria. */
export function constantDocument(
  key: string,
  type: string,
  valueType: string,
  value: unknown,
): WorkspaceDocument {
  return {
    key,
    type,
    valueType,
    default: { rules: [{ criteria: [], value: { type: valueType, value } }] },
  };
}
