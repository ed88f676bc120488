import { describe, expect, it, onTestFinished } from 'vitest';
import { createCipheriv } from 'node:crypto';
import type { QuonfigService } from '../../lib/index.js';
import {
  config,
  rule,
  serviceOf,
  serviceWith,
  setEnv,
  thrownBy,
  value,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { constantDocument, createWorkspace } from '../support/workspace.js';

const VARIABLE = 'QUONFIG_TEST_INTEGER';
const KEY = 'a1'.repeat(32);

/** Every way in which the text of an integer reaches a read. */
const WAYS: Record<string, (text: string) => Promise<QuonfigService>> = {
  'a string in an envelope': (text) =>
    serviceOf([config('limit', 'int', [rule(value('int', text))])]),
  'a number in an envelope': (text) =>
    serviceOf([config('limit', 'int', [rule(value('int', JSON.parse(text)))])]),
  'a string in a workspace directory': fromDirectory,
  'an environment variable': (text) => {
    setEnv({ [VARIABLE]: text });
    const provided = value('provided', { source: 'ENV_VAR', lookup: VARIABLE });
    return serviceOf([config('limit', 'int', [rule(provided)])]);
  },
  'an encrypted value': (text) =>
    serviceOf([
      config('key', 'string', [rule(value('string', KEY))]),
      config('limit', 'int', [
        rule(value('string', encrypted(text), { confidential: true, decryptWith: 'key' })),
      ]),
    ]),
};

function fromDirectory(text: string): Promise<QuonfigService> {
  const workspace = createWorkspace({
    configs: [constantDocument('limit', 'config', 'int', text)],
  });
  onTestFinished(() => workspace.cleanup());
  const logger = new RecordingLogger();
  return serviceWith({ datadir: workspace.path, environment: 'production', logger });
}

function encrypted(text: string): string {
  const iv = Buffer.alloc(12, 7);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(KEY, 'hex'), iv);
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  return [data, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

describe.each(Object.entries(WAYS))('an integer from %s', (_, serviceFor) => {
  it.each(['0', '42', '-42', '9007199254740991', '-9007199254740991'])(
    'an integer that a number represents exactly, %s, is read unchanged',
    async (text) => {
      const service = await serviceFor(text);
      expect(String(service.get('limit'))).toBe(text);
      expect(String(service.getNumber('limit'))).toBe(text);
    },
  );

  it.each(['9007199254740992', '9007199254740993', '-9007199254740993', '1e300', '1.5'])(
    'an integer that a number cannot represent exactly, %s, is an error that names the key',
    async (text) => {
      const service = await serviceFor(text);
      for (const getter of ['get', 'getNumber', 'getString'] as const) {
        const error = thrownBy(() => service[getter]('limit')) as Error;
        expect(error).toMatchObject({ code: 'unable_to_coerce_env_var' });
        expect(error.message).toContain('"limit"');
        expect(error.message).not.toContain(text);
      }
      expect(service.getNumberDetails('limit').errorCode).toBe('GENERAL');
    },
  );
});

it('getNumber refuses a string with an integer that a number cannot represent exactly', async () => {
  const service = await serviceOf([
    config('id', 'string', [rule(value('string', '9007199254740993'))]),
    config('amount', 'string', [rule(value('string', '9007199254740993.5'))]),
  ]);
  expect(thrownBy(() => service.getNumber('id'))).toMatchObject({
    code: 'unable_to_coerce_env_var',
  });
  expect(service.getString('id')).toBe('9007199254740993');
  expect(service.getNumber('amount')).toBe(9007199254740994);
});

it('a double beyond the range of numbers is refused as a number and as a string', async () => {
  const service = await serviceOf([
    config('number', 'double', [rule(value('double', JSON.parse('1e999')))]),
    config('string', 'double', [rule(value('double', '1e999'))]),
  ]);
  for (const key of ['number', 'string']) {
    expect(
      thrownBy(() => service.get(key)),
      key,
    ).toBeInstanceOf(Error);
  }
});
