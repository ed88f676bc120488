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
import { fileMissing } from '../json-file.messages.js';
import {
  datadirMissing,
  datadirNotDirectory,
  directoryUnreadable,
  configFileInvalid,
  environmentsNotStrings,
  settingsElsewhere,
  settingsMissing,
  settingsNotObject,
} from './datadir-loader.messages.js';
import { mapConcurrently } from './map-concurrently.js';
import { workspaceNear } from './workspace-hints.js';
import { CONFIG_DIRECTORIES, isConfigFileName, SETTINGS_FILE } from './workspace-layout.js';

/** Enough to keep the disk busy, and few enough that parsing never blocks the event loop for long. */
const MAX_CONCURRENT_FILES = 16;

/** Loads a workspace directory as the envelope of one environment. */
export class DatadirLoader {
  /** Absolute. */
  private readonly datadir: string;
  private readonly hint: string;

  constructor(
    private readonly given: string,
    private readonly environment: string | undefined,
  ) {
    const { path, hint } = givenPath(given);
    this.datadir = path;
    this.hint = hint;
  }

  /**
   * Reads all files; one invalid file fails the whole load.
   *
   * @throws {MissingEnvironmentError} `missing_environment`
   * @throws {InvalidEnvironmentError} `invalid_environment`
   * @throws {WorkspaceError} `invalid_workspace`: names the first invalid file
   */
  async load(): Promise<LoadedEnvelope> {
    await this.checkDirectory();
    const environment = this.checkEnvironment(await this.readEnvironments());
    const files = (await Promise.all(CONFIG_DIRECTORIES.map((name) => this.list(name)))).flat();
    const configs = await mapConcurrently(files, MAX_CONCURRENT_FILES, (file) =>
      readConfig(file, environment),
    );
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
      throw new WorkspaceError(this.datadir, reason + this.hint, { cause });
    }
    if (!isDirectory) throw new WorkspaceError(this.datadir, datadirNotDirectory() + this.hint);
  }

  private async readEnvironments(): Promise<string[]> {
    const file = join(this.datadir, SETTINGS_FILE);
    const settings = await readJsonFile(file, () => this.settingsMissing());
    if (!isJsonObject(settings)) throw new WorkspaceError(file, settingsNotObject());
    const environments = settings['environments'] ?? [];
    if (!Array.isArray(environments) || !environments.every((id) => typeof id === 'string')) {
      throw new WorkspaceError(file, environmentsNotStrings());
    }
    return environments;
  }

  private async settingsMissing(): Promise<string> {
    const near = await workspaceNear(this.datadir);
    return (near === undefined ? settingsMissing() : settingsElsewhere(near)) + this.hint;
  }

  private checkEnvironment(available: readonly string[]): string {
    if (!this.environment) throw new MissingEnvironmentError(available);
    if (available.length > 0 && !available.includes(this.environment)) {
      throw new InvalidEnvironmentError(this.environment, available);
    }
    return this.environment;
  }

  /** Lists the config files of one directory by name, whatever they are: what is no regular file is rejected when it is read. */
  private async list(name: string): Promise<ConfigFile[]> {
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
      .filter((entry) => isConfigFileName(entry.name) && !entry.isDirectory())
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map((entry) => ({ directory, name: entry.name, isRegular: entry.isFile() }));
  }
}

interface ConfigFile {
  readonly directory: string;
  readonly name: string;
  /** `false` for a link, whatever it leads to. */
  readonly isRegular: boolean;
}

/** Returns `undefined` for a link to a directory, and for a file that was removed meanwhile. */
async function readConfig(file: ConfigFile, environment: string): Promise<Config | undefined> {
  const path = join(file.directory, file.name);
  if (!file.isRegular && (await leadsToDirectory(path))) return undefined;
  let content: unknown;
  try {
    content = await readJsonFile(path, fileMissing, file.isRegular);
  } catch (error) {
    if (await wasRemoved(path)) return undefined;
    throw error;
  }
  if (!isJsonObject(content)) {
    throw new WorkspaceError(path, configFileInvalid('it is not a JSON object'));
  }
  const config = configFromDocument(content, environment);
  const problem = configProblem(config);
  if (problem !== undefined) throw new WorkspaceError(path, configFileInvalid(problem));
  return config;
}

/** Whether a link leads to a directory. `false` for a broken link: reading it reports the mistake. */
async function leadsToDirectory(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a file was removed after its directory was listed. */
async function wasRemoved(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
