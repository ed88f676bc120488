import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  InvalidEnvironmentError,
  MissingEnvironmentError,
  WorkspaceError,
} from '../../../lib/errors/index.js';
import type { Config, Envelope } from '../../../lib/model/index.js';
import { DatadirLoader } from '../../../lib/sources/datadir/datadir-loader.js';
import {
  datadirMissing,
  datadirNotDirectory,
  directoryUnreadable,
  configFileInvalid,
  environmentsNotStrings,
  settingsElsewhere,
  settingsMissing,
  settingsNotObject,
} from '../../../lib/sources/datadir/datadir-loader.messages.js';
import {
  fileMissing,
  fileNotJson,
  fileNotRegular,
  fileNotUtf8,
  fileUnreadable,
} from '../../../lib/sources/json-file.messages.js';
import { relativeTo } from '../../../lib/sources/given-path.messages.js';
import { asOrdinaryUser } from '../../support/ordinary-user.js';
import { unpackedEnvelope } from '../../support/unpacked-envelope.js';
import {
  constantDocument,
  createWorkspace,
  flag,
  stringConfig,
  type Workspace,
  type WorkspaceContent,
} from '../../support/workspace.js';

const workspaces: Workspace[] = [];

function workspace(content?: WorkspaceContent): Workspace {
  const made = createWorkspace(content);
  workspaces.push(made);
  return made;
}

afterEach(() => {
  for (const made of workspaces.splice(0)) made.cleanup();
});

async function load(
  from: Workspace | string,
  environment: string | undefined = 'production',
): Promise<Envelope> {
  const path = typeof from === 'string' ? from : from.path;
  return unpackedEnvelope(await new DatadirLoader(path, environment).load());
}

async function failureOf(from: Workspace | string): Promise<WorkspaceError> {
  const failure = await load(from).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(WorkspaceError);
  return failure as WorkspaceError;
}

function configOf(envelope: Envelope, key: string): Config | undefined {
  return envelope.configs.find((config) => config.key === key);
}

describe('the configs of a datadir', () => {
  it('configs are read from the four config directories only, each in name order', async () => {
    const made = workspace({
      configs: [
        stringConfig('b', '2'),
        stringConfig('a', '1'),
        stringConfig('B', '3'),
        flag('f', true),
        constantDocument('s', 'segment', 'bool', true),
        constantDocument('log-level.x', 'log_level', 'log_level', 'info'),
        constantDocument('ignored', 'schema', 'json', {}),
      ],
    });
    made.writeFile('schemas-protected/p.json', 'not even JSON');
    made.writeFile('elsewhere/x.json', 'not even JSON');

    const { configs } = await load(made);

    expect(configs.map(({ key }) => key)).toEqual(['B', 'a', 'b', 'f', 's', 'log-level.x']);
  });

  it('the envelope has the datadir as its version, the environment and no generation', async () => {
    const made = workspace();

    const { meta } = await load(made);

    expect(meta).toEqual({ version: `datadir:${made.path}`, environment: 'production' });
  });

  it('configs have only the rules of the environment, and numeric strings become numbers', async () => {
    const int = (value: string) => ({ criteria: [], value: { type: 'int', value } });
    const made = workspace({
      environments: ['production', 'staging'],
      configs: [
        {
          key: 'limit',
          type: 'config',
          valueType: 'int',
          default: { rules: [int('1')] },
          environments: [
            { id: 'staging', rules: [int('2')] },
            { id: 'production', rules: [int('3'), int('many')] },
          ],
        },
      ],
    });

    const config = configOf(await load(made), 'limit');

    expect(config?.environment).toEqual({
      id: 'production',
      rules: [
        { criteria: [], value: { type: 'int', value: 3 } },
        { criteria: [], value: { type: 'int', value: 'many' } },
      ],
    });
    expect(config?.default?.rules?.[0]?.value.value).toBe(1);
    expect(config).not.toHaveProperty('environments');
  });

  it('sendToClientSdk is always true for flags and otherwise as in the file', async () => {
    const made = workspace({
      configs: [
        { ...flag('flag', true), sendToClientSdk: false },
        stringConfig('private', 'x'),
        { ...stringConfig('public', 'x'), sendToClientSdk: true },
      ],
    });

    const { configs } = await load(made);

    expect(configs.map(({ key, sendToClientSdk }) => [key, sendToClientSdk])).toEqual([
      ['private', false],
      ['public', true],
      ['flag', true],
    ]);
  });

  it('missing config directories are skipped', async () => {
    expect((await load(workspace())).configs).toEqual([]);
  });

  it('dot files, other extensions, subdirectories and links to directories are skipped', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    for (const file of ['.hidden.json', 'b.json~', 'c.JSON', 'd.json.tmp', 'deep/e.json']) {
      made.writeFile(`configs/${file}`, 'not even JSON');
    }
    mkdirSync(join(made.path, 'configs/folder.json'));
    symlinkSync('folder.json', join(made.path, 'configs/link.json'));

    expect((await load(made)).configs.map(({ key }) => key)).toEqual(['a']);
  });

  it('config files may be links or begin with a byte order mark', async () => {
    const made = workspace();
    made.writeFile('elsewhere/a.txt', JSON.stringify(stringConfig('a', '1')));
    made.writeFile('configs/b.json', `\uFEFF${JSON.stringify(stringConfig('b', '2'))}`);
    symlinkSync('../elsewhere/a.txt', join(made.path, 'configs/a.json'));

    expect((await load(made)).configs.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('every load reads the files again', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    const loader = new DatadirLoader(made.path, 'production');
    await loader.load();

    made.write(stringConfig('b', '2'));
    made.remove(stringConfig('a', '1'));

    expect((await loader.load()).configs.map(({ key }) => key)).toEqual(['b']);
  });

  it('files that are removed during a load are skipped', async () => {
    const made = workspace();
    const documents = Array.from({ length: 100 }, (_, i) => stringConfig(`key-${i}`, 'x'));

    for (let turns = 0; turns < 30; turns += 2) {
      for (const document of documents) made.write(document);
      const loading = load(made);
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      for (const document of documents.slice(10)) made.remove(document);
      expect((await loading).configs.length).toBeGreaterThanOrEqual(10);
    }
  });

  it('loading thousands of files does not block the event loop', async () => {
    const made = workspace();
    for (let i = 0; i < 3_000; i++) made.write(stringConfig(`key-${i}`, 'x'));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);

    const { configs } = await load(made);
    clearInterval(timer);

    expect(configs).toHaveLength(3_000);
    expect(turns).toBeGreaterThan(10);
  });
});

describe('the environment of a datadir', () => {
  it.each([undefined, ''])('the environment is required (%j)', async (environment) => {
    const made = workspace({ environments: ['production', 'staging'] });
    const loading = new DatadirLoader(made.path, environment).load();

    await expect(loading).rejects.toThrow(MissingEnvironmentError);
    await expect(loading).rejects.toThrow('production, staging');
  });

  it('an environment that is not listed is rejected', async () => {
    const loading = load(workspace({ environments: ['production', 'staging'] }), 'Production');

    await expect(loading).rejects.toThrow(InvalidEnvironmentError);
    await expect(loading).rejects.toThrow('production, staging');
    await expect(loading).rejects.toThrow('Correct the option "environment"');
  });

  it.each([{}, { environments: [] }, { environments: null }])(
    'any environment is accepted when none is listed (%j)',
    async (settings) => {
      const made = workspace();
      made.writeFile('quonfig.json', JSON.stringify(settings));

      expect((await load(made, 'anything')).meta.environment).toBe('anything');
    },
  );
});

describe('workspace errors', () => {
  it('a missing datadir is rejected with its path', async () => {
    const path = join(workspace().path, 'nowhere');

    expect(await failureOf(path)).toMatchObject({
      code: 'invalid_workspace',
      place: path,
      message: `${path}: ${datadirMissing()}`,
    });
  });

  it('a missing relative datadir is rejected with its absolute path and the working directory', async () => {
    const absolute = join(process.cwd(), 'nowhere/workspace');

    expect((await failureOf('nowhere/workspace')).message).toBe(
      `${absolute}: ${datadirMissing()}${relativeTo('nowhere/workspace', process.cwd())}`,
    );
  });

  it('a datadir that is a file is rejected with its path', async () => {
    const path = join(workspace().path, 'quonfig.json');

    expect((await failureOf(path)).message).toBe(`${path}: ${datadirNotDirectory()}`);
  });

  it('a datadir below a file is rejected with its path', async () => {
    const path = join(workspace().path, 'quonfig.json', 'deeper');

    expect((await failureOf(path)).message).toBe(`${path}: ${directoryUnreadable('ENOTDIR')}`);
  });

  it('a missing quonfig.json is rejected with its path', async () => {
    const made = workspace();
    made.remove('quonfig.json');

    expect((await failureOf(made)).message).toBe(
      `${join(made.path, 'quonfig.json')}: ${settingsMissing()}`,
    );
  });

  it.each([
    ['[]', settingsNotObject()],
    ['null', settingsNotObject()],
    ['{"environments": "production"}', environmentsNotStrings()],
    ['{"environments": [{"id": "production"}]}', environmentsNotStrings()],
  ])('the quonfig.json %s is rejected with its path', async (text, reason) => {
    const made = workspace();
    made.writeFile('quonfig.json', text);

    expect((await failureOf(made)).message).toBe(`${join(made.path, 'quonfig.json')}: ${reason}`);
  });

  it.each([
    ['an unquoted word', '{"key": "a",\n  "value": s3cret}', ':2:12'],
    ['a truncated string', '{"key": "a",\n\n  "value": "s3cret', ':3:19'],
    ['a line break in a string', '{"key": "a",\n  "value": "s3cret\n"}', ':2:19'],
    ['a second document', '{"key": "s3cret"}\n{}', ':2:1'],
    ['an empty file', '', ':1:1'],
    ['a mistake after a byte order mark', '\uFEFF{"key": s3cret}', ':1:9'],
    ['endless nesting', '['.repeat(200_000), ''],
  ])(
    'malformed JSON is reported by line and column without quoting it: %s',
    async (_name, text, place) => {
      const made = workspace();
      made.writeFile('configs/a.json', text);

      const { message, place: where, cause } = await failureOf(made);

      expect(message).toBe(`${join(made.path, 'configs/a.json')}${place}: ${fileNotJson()}`);
      expect(message.startsWith(`${where}: `)).toBe(true);
      expect(message).not.toContain('s3cret');
      expect(cause).toBeUndefined();
    },
  );

  it('a file that is not UTF-8 is rejected with its path', async () => {
    const made = workspace();
    made.writeFile('configs/a.json', Buffer.from('{"key": "größe"}', 'latin1'));

    expect((await failureOf(made)).message).toBe(
      `${join(made.path, 'configs/a.json')}: ${fileNotUtf8()}`,
    );
  });

  it.each([
    ['[]', 'it is not a JSON object'],
    ['"text"', 'it is not a JSON object'],
    ['{}', 'it has no key'],
    ['{"type": "config", "valueType": "bool"}', 'it has no key'],
    ['{"key": "", "type": "config", "valueType": "bool"}', 'it has no key'],
    ['{"key": "a", "valueType": "bool"}', '"type" is not a string'],
    ['{"key": "a", "type": "config"}', '"valueType" is not a string'],
    [
      '{"key": "a", "type": "config", "valueType": "bool", "default": []}',
      '"default" is not an object',
    ],
  ])('the invalid config %s is rejected with its path and its problem', async (text, problem) => {
    const made = workspace({ configs: [flag('good', true)] });
    made.writeFile('feature-flags/bad.json', text);

    expect((await failureOf(made)).message).toBe(
      `${join(made.path, 'feature-flags/bad.json')}: ${configFileInvalid(problem)}`,
    );
  });

  it('a dangling link is rejected with its path', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    symlinkSync('nowhere.json', join(made.path, 'configs/b.json'));

    expect((await failureOf(made)).message).toBe(
      `${join(made.path, 'configs/b.json')}: ${fileMissing()}`,
    );
  });

  it.each(['quonfig.json', 'configs/a.json', 'segments/a.json'])(
    'a named pipe in place of %s, or behind a link there, is rejected with its path',
    async (file) => {
      for (const linked of [false, true]) {
        const made = workspace();
        mkdirSync(join(made.path, 'configs'));
        mkdirSync(join(made.path, 'segments'));
        made.remove(file);
        const pipe = join(made.path, linked ? 'pipe' : file);
        execFileSync('mkfifo', [pipe]);
        if (linked) symlinkSync(pipe, join(made.path, file));

        const path = join(made.path, file);
        expect((await failureOf(made)).message).toBe(`${path}: ${fileNotRegular('a named pipe')}`);
      }
    },
  );

  it('a socket and a device are rejected with their path', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    const path = join(made.path, 'configs/b.json');
    const server = createServer().listen(path);
    await once(server, 'listening');
    expect((await failureOf(made)).message).toBe(`${path}: ${fileNotRegular('a socket')}`);
    server.close();
    await once(server, 'close');
    symlinkSync('/dev/zero', path);
    expect((await failureOf(made)).message).toBe(`${path}: ${fileNotRegular('a device')}`);
  });

  it('the error names a workspace one level above or below the datadir', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    const deep = join(made.path, 'configs');
    expect((await failureOf(deep)).message).toBe(
      `${join(deep, 'quonfig.json')}: ${settingsElsewhere(made.path)}`,
    );
    const above = workspace();
    above.remove('quonfig.json');
    above.writeFile('docs/readme.md', '');
    above.writeFile('flags/quonfig.json', '{}');
    expect((await failureOf(above)).message).toBe(
      `${join(above.path, 'quonfig.json')}: ${settingsElsewhere(join(above.path, 'flags'))}`,
    );
  });

  it('a file without read permission is rejected with its path', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    chmodSync(made.path, 0o755);
    chmodSync(join(made.path, 'configs/a.json'), 0);

    expect((await asOrdinaryUser(() => failureOf(made))).message).toBe(
      `${join(made.path, 'configs/a.json')}: ${fileUnreadable('EACCES')}`,
    );
  });

  it('a directory without read permission is rejected with its path', async () => {
    const made = workspace({ configs: [stringConfig('a', '1')] });
    chmodSync(made.path, 0o755);
    chmodSync(join(made.path, 'configs'), 0);

    expect((await asOrdinaryUser(() => failureOf(made))).message).toBe(
      `${join(made.path, 'configs')}: ${directoryUnreadable('EACCES')}`,
    );
    chmodSync(join(made.path, 'configs'), 0o755);
  });

  it('a file in place of a config directory is rejected with its path', async () => {
    const made = workspace();
    writeFileSync(join(made.path, 'segments'), '');

    expect((await failureOf(made)).place).toBe(join(made.path, 'segments'));
  });

  it('the first of several malformed files is reported', async () => {
    const made = workspace();
    for (let i = 10; i < 60; i++) {
      made.writeFile(`configs/${i}.json`, i < 25 ? JSON.stringify(flag(`${i}`, true)) : '{');
    }

    expect((await failureOf(made)).place).toBe(`${join(made.path, 'configs/25.json')}:1:1`);
  });
});
