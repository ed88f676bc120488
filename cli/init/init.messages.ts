export const workspaceExists = (datadir: string): string =>
  `${datadir} already has a quonfig.json. Edit its files, or create another workspace with --datadir.`;

export const fileExists = (file: string): string =>
  `${file} exists, and init never overwrites a file. Move it away, or create the workspace elsewhere with --datadir.`;

export const notWritten = (file: string, code: string): string =>
  `${file} cannot be written (${code}). Make sure that you may write there.`;

export const created = (file: string): string => `created ${file}`;

export const modulePresent = (file: string): string =>
  `${file} already mentions QuonfigModule, so it was left unchanged`;

export const moduleMissing = (file: string): string =>
  `${file} has no @Module({ … }) to add the module to. Pass the file of your root module with --module, or add this to its imports:`;

export const moduleUnread = (problem: string): string =>
  `The root module was not read: ${problem} Add this to its imports:`;

export const applyHint = (file: string): string =>
  `nothing in ${file} was changed; add the lines yourself, or run this with --apply`;

export const applied = (file: string): string => `changed ${file}`;

export const nextStep = (datadir: string): string =>
  `next: npx nestjs-quonfig generate --datadir ${datadir}`;
