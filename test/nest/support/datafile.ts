import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Envelope } from '../../../lib/index.js';
import { envelopeOf, type Values } from '../../support/delivery-server.js';

export type { Values };

let versions = 0;

/** An envelope in which every key has one value, whatever the context. */
export function envelope(values: Values): Envelope {
  const { configs } = envelopeOf({ values });
  return { configs, meta: { version: `v${++versions}`, environment: 'production' } };
}

/** A file with an envelope, in its own directory. */
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
