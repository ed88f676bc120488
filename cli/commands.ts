import type { Command } from './command.js';

export interface CommandRow {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Loads the command, and only then what it needs. */
  load(): Promise<Command>;
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'verify',
    summary: 'checks every file of a workspace',
    load: async () => (await import('./verify/verify.command.js')).verify,
  },
  {
    name: 'explain',
    summary: 'shows why a key has its value for a context',
    load: async () => (await import('./explain/explain.command.js')).explain,
  },
  {
    name: 'generate',
    summary: 'writes the types of keys and values',
    load: async () => (await import('./generate/generate.command.js')).generate,
  },
  {
    name: 'unused',
    summary: 'finds keys that no code reads, and reads of unknown keys',
    load: async () => (await import('./unused/unused.command.js')).unused,
  },
  {
    name: 'diff',
    summary: 'compares two environments or git revisions',
    load: async () => (await import('./diff/diff.command.js')).diff,
  },
  {
    name: 'init',
    summary: 'creates a workspace with an example',
    load: async () => (await import('./init/init.command.js')).init,
  },
  {
    name: 'encrypt',
    summary: 'encrypts a value for a workspace',
    load: async () => (await import('./secrets/encrypt.command.js')).encrypt,
  },
  {
    name: 'decrypt',
    summary: 'decrypts a value',
    load: async () => (await import('./secrets/decrypt.command.js')).decrypt,
  },
  {
    name: 'keygen',
    summary: 'creates a key for encrypt and decrypt',
    load: async () => (await import('./secrets/keygen.command.js')).keygen,
  },
  {
    name: 'serve',
    summary: 'serves a workspace to applications, as Quonfig does',
    load: async () => (await import('./serve/serve.command.js')).serve,
  },
  {
    name: 'completion',
    summary: 'prints the completion script of a shell',
    load: async () => (await import('./completion/completion.command.js')).completion,
  },
];
