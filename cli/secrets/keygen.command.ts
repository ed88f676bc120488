import { randomBytes } from 'node:crypto';
import { defineCommand, OK } from '../command.js';

export const keygen = defineCommand({
  usage: '[options]',
  about: [
    'Prints 64 hex characters: 256 random bits. Store them where your secrets are,',
    'and give them to the application in an environment variable.',
  ],
  options: {},
  examples: ['keygen > key.txt'],

  run({ terminal }) {
    terminal.print(randomBytes(32).toString('hex'));
    return Promise.resolve(OK);
  },
});
