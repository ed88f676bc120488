import { quotedKeys } from '../text/quoted-keys.js';

export const settingsNotJson = (file: string, problem: string): string =>
  `${file} is not JSON (${problem.split('\n')[0]}). Correct it, or pass the options on the command line.`;

export const settingsUnreadable = (file: string, code: string): string =>
  `${file} cannot be read (${code}). Make sure that it is a file and that you may read it.`;

export const settingInvalid = (file: string, setting: string, expected: string): string =>
  `${file}: "${setting}" must be ${expected}. Correct it, or remove it.`;

export const nameInvalid = (option: string, name: string): string =>
  `${option} is "${name}", which is not a TypeScript identifier. Use letters and digits, such as ShopConfig.`;

export const methodsConflict = (name: string, keys: readonly string[]): string =>
  `the keys ${quotedKeys(keys)} would all get the method ${name}(). Rename all but one, or leave out --service, so that no class is generated.`;

export const sameFile = (file: string): string =>
  `types and class would both be written to ${file}. Set different values for "declarationFileName" and "clientFileName".`;

export const sdkKeyMissing = (): string =>
  '--live needs the SDK key of an environment. Set the variable QUONFIG_BACKEND_SDK_KEY.';

export const liveAndDatadir = (): string =>
  '--live and --datadir cannot be combined. Pass only the one that the types come from.';

export const watchAndCheck = (): string =>
  '--watch and --check cannot be combined. Use --check in CI and --watch while you edit.';

export const watchNeedsFiles = (): string =>
  '--watch follows the files of a workspace. Leave out --live, or leave out --watch.';

export const notGenerated = (file: string): string =>
  `${file} exists and was not generated. Move it away, or set another name in quonfig.config.json.`;

export const notWritten = (file: string, code: string): string =>
  `${file} cannot be written (${code}). Make sure that you may write to its directory.`;

export const written = (file: string, count: number): string =>
  `wrote ${file} (${count} ${count === 1 ? 'key' : 'keys'})`;

export const upToDate = (file: string): string => `${file} is up to date`;

export const outOfDate = (files: readonly string[]): string =>
  `${files.join(' and ')} ${files.length === 1 ? 'is' : 'are'} out of date. Run "npx nestjs-quonfig generate" and commit the result.`;

export const noKeys = (source: string): string =>
  `${source} has no config with rules, so no key compiles once these types are used.`;

export const watching = (workspace: string): string => `watching ${workspace}; Ctrl+C stops`;

export const watchFailed = (problem: string): string =>
  `nothing was generated, and the files are unchanged: ${problem}`;
