import { parseArgs } from 'node:util';
import {
  choiceUnknown,
  operandMissing,
  operandUnexpected,
  optionNeedsValue,
  optionRepeated,
  optionTakesNoValue,
  optionUnknown,
} from './cli.messages.js';
import type { Command, OptionRow } from './command.js';
import { MisuseError } from './command.errors.js';
import { didYouMean } from './did-you-mean.js';
import { GLOBAL_OPTIONS } from './shared-options.js';

export interface ParsedArguments {
  readonly options: Readonly<Record<string, string | readonly string[] | true>>;
  readonly operands: readonly string[];
}

/**
 * Parses the arguments of one command.
 *
 * @throws {MisuseError} names the argument, and what was probably meant
 */
export async function parseArguments(
  name: string,
  command: Command,
  args: readonly string[],
): Promise<ParsedArguments> {
  const table: Readonly<Record<string, OptionRow>> = { ...command.options, ...GLOBAL_OPTIONS };
  const rows = Object.entries(table);
  // Not strict: its errors would name neither what is accepted nor what was probably meant.
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      rows.map(([option, { value, short }]) => [
        option,
        { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) },
      ]),
    ),
  });
  const options: Record<string, string | string[] | true> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name: option, rawName, value, inlineValue } = token;
    if (!Object.hasOwn(table, option)) {
      const suggestion = await didYouMean(
        `--${option}`,
        rows.map(([known]) => `--${known}`),
      );
      throw new MisuseError(optionUnknown(rawName, name, suggestion));
    }
    const row = table[option]!;
    if (row.value === undefined) {
      if (inlineValue) throw new MisuseError(optionTakesNoValue(rawName));
      options[option] = true;
      continue;
    }
    // An empty value is usually a variable that is not set.
    // "--datadir --json" takes "--json" for the directory; whoever means that writes "--datadir=--json".
    const isOption = !inlineValue && value !== undefined && /^-./.test(value);
    if (value === undefined || value === '' || isOption) {
      throw new MisuseError(optionNeedsValue(rawName, row.value));
    }
    if (row.choices !== undefined && !row.choices.includes(value)) {
      const suggestion = await didYouMean(value, row.choices);
      throw new MisuseError(choiceUnknown(rawName, row.choices, suggestion));
    }
    const given = options[option];
    if (row.multiple) options[option] = [...((given as string[] | undefined) ?? []), value];
    else if (given !== undefined) throw new MisuseError(optionRepeated(rawName));
    else options[option] = value;
  }
  if (options['help'] === undefined) checkOperands(name, command, operands);
  return { options, operands };
}

function checkOperands(name: string, command: Command, operands: readonly string[]): void {
  const { min = 0, max = 0 } = command.operands ?? {};
  if (operands.length < min) throw new MisuseError(operandMissing(name, command.usage));
  if (operands.length > max) {
    throw new MisuseError(operandUnexpected(operands[max]!, name, command.usage));
  }
}
