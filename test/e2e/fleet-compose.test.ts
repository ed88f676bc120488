import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Record<string, string>;
  readonly volumes?: readonly string[];
}

const sample = fileURLToPath(new URL('../../sample/09-fleet/', import.meta.url));
const read = (name: string): string => readFileSync(sample + name, 'utf8');
const document = parseDocument(read('compose.yaml'), { merge: true, strict: true });
const { services, volumes } = document.toJS() as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const programs = Object.entries(services).filter(([, { command }]) => command[0] === 'node');

/** The variables that a program reads, with those that it cannot do without. */
function variablesOf({ command }: Service): { read: string[]; required: string[] } {
  const source = read(`src/${/^dist\/(\w+)\.js$/.exec(command[1]!)![1]}.ts`);
  const names = (pattern: RegExp): string[] =>
    [...source.matchAll(pattern)].map(([, name]) => name!);
  const required = names(/required\('(\w+)'\)/g);
  const destructured = names(/const \{ (\w+) .*\} = process\.env/g);
  return { required, read: [...required, ...destructured, ...names(/process\.env\.(\w+)/g)] };
}

describe('compose.yaml of sample/09-fleet', () => {
  it('the file is valid, and starts a service, two relays, a shop and Redis', () => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    expect(Object.keys(services)).toEqual(['redis', 'service', 'relay-1', 'relay-2', 'shop']);
    expect(programs.map(([name]) => name)).toEqual(['service', 'relay-1', 'relay-2', 'shop']);
  });

  it.each(programs)(
    '%s runs a program in the image, with every variable that it needs',
    (_, service) => {
      const { read: known, required } = variablesOf(service);
      const given = Object.keys(service.environment ?? {});
      expect(given).toEqual(expect.arrayContaining(required));
      // Both keys are given to each, and git reads its own.
      const others = ['SERVICE_KEY', 'RELAY_KEY'];
      const unread = given.filter(
        (name) => !known.includes(name) && !name.startsWith('GIT_CONFIG_'),
      );
      expect(unread.filter((name) => !others.includes(name))).toEqual([]);
      expect(read('Dockerfile')).toContain(`-t ${service.image}`);
    },
  );

  it('each process that saves configs has its own volume, where the image lets it write', () => {
    const savers = programs.filter(([, { environment }]) => environment?.['SAVED_CONFIGS']);
    const mounted = savers.map(([, { volumes: mounts = [] }]) => mounts.join());
    expect(mounted).toEqual(['relay-1:/saved', 'relay-2:/saved', 'shop:/saved']);
    expect(Object.keys(volumes)).toEqual(['relay-1', 'relay-2', 'shop']);
    for (const [, { environment }] of savers) {
      expect(environment!['SAVED_CONFIGS']).toMatch(/^\/saved\//);
    }
    expect(read('Dockerfile')).toMatch(/mkdir \/saved && chown (\d+):\1 \/saved\nUSER \1/);
  });

  it('relays and shop address each other by service name', () => {
    const hosts = programs
      .flatMap(([, { environment = {} }]) => Object.values(environment))
      .flatMap((value) => [...value.matchAll(/(?:http|redis):\/\/([\w-]+):\d+/g)])
      .map(([, host]) => host!);
    expect(new Set(hosts)).toEqual(new Set(['service', 'redis', 'relay-1', 'relay-2']));
    expect(existsSync(`${sample}Dockerfile.dockerignore`)).toBe(true);
  });
});
