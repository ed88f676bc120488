import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  InvalidEnvironmentError,
  MissingEnvironmentError,
  WorkspaceError,
} from '../../errors/index.js';
import {
  type Config,
  configFromDocument,
  configProblem,
  type LoadedEnvelope,
  loadedEnvelope,
  isJsonObject,
} from '../../model/index.js';
import { errorCode } from '../../requests/index.js';
import { givenPath } from '../given-path.js';
import { readJsonFile } from '../json-file.js';
import {
  datadirMissing,
  datadirNotDirectory,
  directoryUnreadable,
  configFileInvalid,
  environmentsNotStrings,
  settingsMissing,
  settingsNotObject,
} from './datadir-loader.messages.js';
import { inParallel } from './in-parallel.js';
import { CONFIG_DIRECTORIES, isDocumentName, SETTINGS_FILE } from './workspace-layout.js';

/** Enough to keep the disk busy, few enough that parsing never holds the event loop for long. */
const FILES_AT_ONCE = 16;

/** Reads a workspace directory as the set of configs of one environment. */
export class DatadirLoader {
  /** Absolute. */
  private readonly datadir: string;
  private readonly note: string;

  constructor(
    private readonly given: string,
    private readonly environment: string | undefined,
  ) {
    const { path, note } = givenPath(given);
    this.datadir = path;
    this.note = note;
  }

  /**
   * Reads everything anew: all or nothing.
   *
   * @throws MissingEnvironmentError, InvalidEnvironmentError, or WorkspaceError naming the first file that is not usable
   */
  async load(): Promise<LoadedEnvelope> {
    await this.checkDirectory();
    const environment = this.checkEnvironment(await this.readEnvironments());
    const files = (await Promise.all(CONFIG_DIRECTORIES.map((name) => this.list(name)))).flat();
    const configs = await inParallel(files, FILES_AT_ONCE, (file) => readConfig(file, environment));
    const meta = { version: `datadir:${this.given}`, environment };
    return loadedEnvelope(
      configs.filter((config) => config !== undefined),
      meta,
    );
  }

  private async checkDirectory(): Promise<void> {
    let isDirectory: boolean;
    try {
      isDirectory = (await stat(this.datadir)).isDirectory();
    } catch (cause) {
      const code = errorCode(cause);
      const reason = code === 'ENOENT' ? datadirMissing() : directoryUnreadable(code);
      throw new WorkspaceError(this.datadir, reason + this.note, { cause });
    }
    if (!isDirectory) throw new WorkspaceError(this.datadir, datadirNotDirectory() + this.note);
  }

  private async readEnvironments(): Promise<string[]> {
    const file = join(this.datadir, SETTINGS_FILE);
    const settings = await readJsonFile(file, settingsMissing() + this.note);
    if (!isJsonObject(settings)) throw new WorkspaceError(file, settingsNotObject());
    const environments = settings['environments'] ?? [];
    if (!Array.isArray(environments) || !environments.every((id) => typeof id === 'string')) {
      throw new WorkspaceError(file, environmentsNotStrings());
    }
    return environments;
  }

  private checkEnvironment(available: readonly string[]): string {
    if (!this.environment) throw new MissingEnvironmentError(available);
    if (available.length > 0 && !available.includes(this.environment)) {
      throw new InvalidEnvironmentError(this.environment, available);
    }
    return this.environment;
  }

  /** The documents of one directory in name order. Links count: their targets are looked at when they are read. */
  private async list(name: string): Promise<DocumentFile[]> {
    const directory = join(this.datadir, name);
    let entries: Dirent[];
    try {
      entries = await readdir(directory, { withFileTypes: true });
    } catch (cause) {
      const code = errorCode(cause);
      if (code === 'ENOENT') return [];
      throw new WorkspaceError(directory, directoryUnreadable(code), { cause });
    }
    return entries
      .filter((entry) => isDocumentName(entry.name) && (entry.isFile() || entry.isSymbolicLink()))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map((entry) => ({ directory, name: entry.name, isLink: entry.isSymbolicLink() }));
  }
}

interface DocumentFile {
  readonly directory: string;
  readonly name: string;
  readonly isLink: boolean;
}

/** `undefined` for what turns out not to be a file, or not to be there any more. */
async function readConfig(file: DocumentFile, environment: string): Promise<Config | undefined> {
  const path = join(file.directory, file.name);
  if (file.isLink && (await leadsElsewhere(path))) return undefined;
  let document: unknown;
  try {
    document = await readJsonFile(path);
  } catch (error) {
    if (await isGone(path)) return undefined;
    throw error;
  }
  if (!isJsonObject(document)) {
    throw new WorkspaceError(path, configFileInvalid('it is not a JSON object'));
  }
  const config = configFromDocument(document, environment);
  const problem = configProblem(config);
  if (problem !== undefined) throw new WorkspaceError(path, configFileInvalid(problem));
  return config;
}

/** Whether a link leads to something other than a file. A link that leads nowhere is a mistake that reading it tells. */
async function leadsElsewhere(link: string): Promise<boolean> {
  try {
    return !(await stat(link)).isFile();
  } catch {
    return false;
  }
}

/** Whether a file was removed after its directory was listed. */
async function isGone(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
