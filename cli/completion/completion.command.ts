import { PROGRAM } from '../cli.messages.js';
import { defineCommand, OK } from '../command.js';
import { MisuseError } from '../command.errors.js';
import { didYouMean } from '../did-you-mean.js';
import { SCRIPTS } from './scripts.js';

export const completion = defineCommand({
  usage: 'SHELL',
  about: [
    'Prints a script for bash, zsh or fish that completes commands, options, keys and',
    `environments. It runs ${PROGRAM}, which may be an alias.`,
  ],
  operands: { min: 1, max: 1, are: 'shells' },
  options: {},
  examples: ['completion bash'],

  async run({ operands: [shell = ''], terminal }) {
    const script = SCRIPTS.get(shell);
    if (script === undefined) {
      const shells = [...SCRIPTS.keys()];
      const meant = await didYouMean(shell, shells);
      const remedy = meant === undefined ? '' : ` Did you mean ${meant}?`;
      throw new MisuseError(
        `there is no completion for ${JSON.stringify(shell)}.${remedy} The shells are ${shells.join(', ')}.`,
      );
    }
    terminal.print(script);
    return OK;
  },
});
