export const typescriptMissing = (): string =>
  'TypeScript is not installed in this project, and this command reads source files with it. Run "npm i -D typescript".';

export const typescriptBroken = (version: string, problem: string): string =>
  `The TypeScript ${version} in this project cannot be used (${problem.split('\n')[0]}). Reinstall it, or install another version.`;
