import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  developerContextDomain,
  developerContextEnabled,
  readDeveloperContext,
} from '../../lib/options/developer-context.js';
import { tokensNotJson } from '../../lib/options/developer-context.messages.js';
import { temporaryDirectory } from '../support/workspace.js';

const warn = vi.fn();
let homeDir: string;

beforeEach(() => {
  warn.mockReset();
  homeDir = temporaryDirectory();
});

afterEach(() => rmSync(homeDir, { recursive: true }));

function tokens(text: string, file = 'tokens.json'): string {
  mkdirSync(join(homeDir, '.quonfig'), { recursive: true });
  writeFileSync(join(homeDir, '.quonfig', file), text);
  return join(homeDir, '.quonfig', file);
}

function read(domain = 'quonfig.com', enabled = true) {
  return readDeveloperContext({ enabled, homeDir: () => homeDir, domain, warn });
}

describe('the developer context', () => {
  it('the developer context contains only the email address of the logged-in developer', () => {
    tokens('{"userEmail": "dev@example.com", "accessToken": "s3cret"}');

    expect(read()).toEqual({ 'quonfig-user': { email: 'dev@example.com' } });
    expect(warn).not.toHaveBeenCalled();
  });

  it('the developer context comes from the login of its domain', () => {
    tokens('{"userEmail": "dev@example.com"}');
    tokens('\uFEFF{"userEmail": "staff@example.com"}', 'tokens-eu-quonfig-example.json');

    expect(read('eu.quonfig.example')).toEqual({ 'quonfig-user': { email: 'staff@example.com' } });
    expect(read('other.example')).toBeUndefined();
  });

  it('there is no developer context when it is turned off', () => {
    tokens('{"userEmail": "dev@example.com"}');

    expect(read('quonfig.com', false)).toBeUndefined();
  });

  it('there is no developer context, and no warning, when nobody is logged in', () => {
    expect(read()).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });

  it('there is no developer context, and no warning, when the file cannot be read', () => {
    mkdirSync(join(homeDir, '.quonfig', 'tokens.json'), { recursive: true });

    expect(read()).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });

  it('there is no developer context, and no warning, when the file is a named pipe', () => {
    mkdirSync(join(homeDir, '.quonfig'));
    execFileSync('mkfifo', [join(homeDir, '.quonfig', 'tokens.json')]);

    expect(read()).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });

  it('there is no developer context, and no warning, without a home directory', () => {
    const homeless = (): string => {
      throw new Error('uv_os_homedir returned ENOENT');
    };

    for (const none of [homeless, () => '', () => 'home']) {
      const options = { enabled: true, homeDir: none, domain: 'quonfig.com', warn };
      expect(readDeveloperContext(options)).toBeUndefined();
    }
    expect(warn).not.toHaveBeenCalled();
  });

  it('the home directory is not looked up when the developer context is off', () => {
    const lookUp = vi.fn(() => homeDir);
    readDeveloperContext({ enabled: false, homeDir: lookUp, domain: 'quonfig.com', warn });
    expect(lookUp).not.toHaveBeenCalled();
  });

  it.each(['{}', '[]', 'null', '"text"', '{"userEmail": ""}', '{"userEmail": 1}'])(
    'there is no developer context, and no warning, when the file contains %s',
    (text) => {
      tokens(text);

      expect(read()).toBeUndefined();
      expect(warn).not.toHaveBeenCalled();
    },
  );

  it('a tokens file that is not JSON is logged in a warning without quoting it', () => {
    const file = tokens('{"accessToken": s3cret}');

    expect(read()).toBeUndefined();
    expect(warn).toHaveBeenCalledExactlyOnceWith(tokensNotJson(file));
    expect(tokensNotJson(file)).not.toContain('s3cret');
  });
});

describe('enabling the developer context', () => {
  it.each([
    [true, 'false', true],
    [false, 'true', false],
    [undefined, 'true', true],
    [undefined, 'false', false],
    [null, 'false', false],
    [undefined, 'FALSE', true],
    [undefined, '0', true],
    [undefined, '', true],
    [undefined, undefined, true],
    [null, undefined, true],
  ])(
    'with the option %s and the variable %j developerContextEnabled returns %s',
    (option, variable, expected) => {
      expect(developerContextEnabled(option, { QUONFIG_DEV_CONTEXT: variable })).toBe(expected);
    },
  );
});

describe('the domain of the developer context', () => {
  it.each([
    [undefined, 'quonfig.com'],
    ['', 'quonfig.com'],
    ['not a URL', 'quonfig.com'],
    ['mailto:dev@example.com', 'quonfig.com'],
    ['https://primary.quonfig.com', 'quonfig.com'],
    ['https://app.quonfig.com/x', 'quonfig.com'],
    ['https://primary.eu.quonfig.example:8443', 'eu.quonfig.example'],
    ['https://secondary.quonfig.com', 'secondary.quonfig.com'],
    ['https://app.primary.example', 'primary.example'],
    ['http://localhost:8080', 'localhost'],
  ])('the developer context domain of %j is %s', (url, domain) => {
    expect(developerContextDomain(url)).toBe(domain);
  });
});
