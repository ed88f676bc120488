import { decryptValue } from 'nestjs-quonfig';
import { defineCommand, OK } from '../command.js';
import { CommandError, MisuseError } from '../command.errors.js';
import { DATADIR, ENVIRONMENT } from '../shared-options.js';
import { chooseEnvironment } from '../workspace/environment.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { openService } from '../workspace/open-service.js';
import { readEnvironments } from '../workspace/settings.js';
import { parseContexts } from '../explain/contexts.js';
import { givenKey, KEY_OPTIONS } from './encryption-key.js';

export const decrypt = defineCommand({
  usage: '[KEY] [options]',
  about: [
    'Prints the secret value of a key of the workspace, or decrypts what you type or',
    'pipe into it.',
  ],
  operands: { min: 0, max: 1, are: 'keys' },
  options: {
    ...KEY_OPTIONS,
    context: { value: 'JSON', about: 'contexts for the rules of KEY' },
    ...DATADIR,
    ...ENVIRONMENT,
  },
  examples: [
    'decrypt payments.token --environment production',
    'decrypt --key-env PAYMENTS_KEY < ciphertext.txt',
  ],

  async run({ options, operands: [configKey], terminal }) {
    const key = givenKey(options);
    if ((key === undefined) === (configKey === undefined)) {
      throw new MisuseError(
        configKey === undefined
          ? 'pass a key of the workspace, or the encryption key with --key-env or --key-file.'
          : 'the workspace says how to decrypt its keys. Leave out --key-env and --key-file.',
      );
    }
    if (key !== undefined) {
      terminal.print(decryptValue((await terminal.read('Ciphertext: ')).trim(), key));
      return OK;
    }
    const contexts = parseContexts(options.context);
    const datadir = findWorkspace(options.datadir);
    const environment = await chooseEnvironment(options.environment, readEnvironments(datadir));
    const quonfig = await openService(datadir, environment);
    try {
      const value: unknown = quonfig.get(configKey!, contexts);
      terminal.print(typeof value === 'string' ? value : JSON.stringify(value));
    } catch (error) {
      if (!quonfig.keys().includes(configKey!)) {
        throw new CommandError(
          `the workspace has no key ${JSON.stringify(configKey)}. Correct it, or pass another workspace with --datadir.`,
        );
      }
      throw error;
    } finally {
      await quonfig.close();
    }
    return OK;
  },
});
