import { readFileSync } from 'node:fs';

const manifest = new URL('../../node_modules/@nestjs/core/package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

/** The major version of Nest that the tests run on. */
export const nestMajor = Number.parseInt(version, 10);
