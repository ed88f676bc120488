import { encryptValue } from 'nestjs-quonfig';
import { defineCommand, OK } from '../command.js';
import { MisuseError } from '../command.errors.js';
import { DATADIR, ENVIRONMENT } from '../shared-options.js';
import { givenKey, KEY_OPTIONS, keyOfConfig } from './encryption-key.js';

export const encrypt = defineCommand({
  usage: '[options]',
  about: [
    'Encrypts what you type or pipe into it. With --decrypt-with, it prints the value',
    'to paste into a rule, and takes the key from that config of the workspace.',
  ],
  options: {
    ...KEY_OPTIONS,
    'decrypt-with': { value: 'KEY', about: 'the config with the key' },
    ...DATADIR,
    ...ENVIRONMENT,
  },
  examples: [
    'encrypt --key-env PAYMENTS_KEY < token.txt',
    'encrypt --decrypt-with payments.key --datadir workspace',
  ],

  async run({ options, terminal }) {
    const { 'decrypt-with': decryptWith } = options;
    const given = givenKey(options);
    if (given === undefined && decryptWith === undefined) {
      throw new MisuseError('pass the key with --key-env, --key-file or --decrypt-with.');
    }
    const key = given ?? (await keyOfConfig(decryptWith!, options));
    const ciphertext = encryptValue(await terminal.read('Text to encrypt (hidden): '), key);
    terminal.print(
      decryptWith === undefined
        ? ciphertext
        : JSON.stringify(
            { type: 'string', value: ciphertext, confidential: true, decryptWith },
            null,
            2,
          ),
    );
    return OK;
  },
});
