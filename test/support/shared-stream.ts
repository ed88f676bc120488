import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';

/** A directory in which the processes of a test meet. */
export class MeetingDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'quonfig-cluster-'));

  constructor() {
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }));
  }

  /** Options of a process that shares its stream with the others of this test. */
  options(more: Partial<QuonfigModuleOptions> = {}): Partial<QuonfigModuleOptions> {
    return { cluster: 'shared', clusterDirectory: this.path, ...more };
  }

  get files(): string[] {
    return readdirSync(this.path);
  }

  /** Path of the socket of the leading process. */
  get socket(): string {
    const [name] = this.files;
    if (name === undefined) throw new Error('No process leads.');
    return join(this.path, name);
  }
}
