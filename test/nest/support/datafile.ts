import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, ConfigValue, Envelope } from '../../../lib/index.js';

export type Values = Record<string, string | number | boolean>;

let versions = 0;

/** An envelope in which every key has one value, whatever the context. */
export function envelope(values: Values): Envelope {
  return {
    configs: Object.entries(values).map(([key, value]) => config(key, value)),
    meta: { version: `v${++versions}`, environment: 'production' },
  };
}

/** A file with an envelope, in a directory of its own. */
export class Datafile {
  private readonly directory = mkdtempSync(join(tmpdir(), 'quonfig-nest-'));
  readonly path = join(this.directory, 'envelope.json');

  constructor(values: Values) {
    this.set(values);
  }

  set(values: Values): void {
    this.write(JSON.stringify(envelope(values)));
  }

  write(text: string): void {
    const draft = join(this.directory, 'draft.json');
    writeFileSync(draft, text);
    renameSync(draft, this.path);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function config(key: string, value: string | number | boolean): Config {
  const type = { string: 'string', number: 'int', boolean: 'bool' }[typeof value as 'string'];
  return {
    key,
    type: type === 'bool' ? 'feature_flag' : 'config',
    valueType: type as 'string',
    default: { rules: [{ criteria: [], value: { type, value } as ConfigValue }] },
  };
}
