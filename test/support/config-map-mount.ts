import { mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Workspace } from './workspace.js';

/** Publishes files as Kubernetes does for a ConfigMap: a new directory, then an atomic swap of the link `..data`. */
export class ConfigMapMount {
  private version = 0;

  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
  }

  publish(files: Record<string, string>, { keepOld = false } = {}): void {
    const link = join(this.path, '..data');
    const old = this.version === 0 ? undefined : readlinkSync(link);
    const name = `..2026_${++this.version}`;
    for (const [file, text] of Object.entries(files)) {
      new Workspace(join(this.path, name)).writeFile(file, text);
    }
    setLink(link, name);
    // Visible in the mount are links to the top-level names, through ..data.
    for (const entry of new Set(Object.keys(files).map((file) => file.split('/')[0]!))) {
      if (!readdirSync(this.path).includes(entry)) {
        symlinkSync(join('..data', entry), join(this.path, entry));
      }
    }
    if (old !== undefined && !keepOld) rmSync(join(this.path, old), { recursive: true });
  }
}

/** Points a link to a target atomically, whatever it pointed to before. */
export function setLink(link: string, target: string): void {
  symlinkSync(target, `${link}_tmp`);
  renameSync(`${link}_tmp`, link);
}
