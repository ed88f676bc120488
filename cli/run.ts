import { commandUnknown, failedUnexpectedly, PROGRAM } from './cli.messages.js';
import { FAILED, MISUSE, OK } from './command.js';
import { CommandError, MisuseError } from './command.errors.js';
import { COMMANDS, type CommandRow } from './commands.js';
import { SUGGEST } from './completion/scripts.js';
import { suggestionsFor } from './completion/suggestions.js';
import { didYouMean } from './did-you-mean.js';
import { helpOf, overview } from './help.js';
import { packageVersion } from './package-version.js';
import { parseArguments } from './parse-arguments.js';
import { harmless } from './style.js';
import type { Terminal } from './terminal.js';

/**
 * Runs one command line.
 *
 * @param args what follows the name of the program
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  try {
    switch (first) {
      case undefined:
        terminal.fail(overview(COMMANDS));
        return MISUSE;
      case '--help':
      case '-h':
        terminal.print(overview(COMMANDS));
        return OK;
      case 'help':
        return await help(rest, terminal);
      case '--version':
      case '-v':
        terminal.print(packageVersion());
        return OK;
      case SUGGEST:
        for (const line of await suggestionsFor(rest, COMMANDS)) terminal.print(line);
        return OK;
      default:
        return await runCommand(await commandNamed(first), rest, terminal);
    }
  } catch (error) {
    return report(error, first ?? '', terminal);
  }
}

async function help([name]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === undefined) terminal.print(overview(COMMANDS));
  else {
    const row = await commandNamed(name);
    terminal.print(helpOf(row, await row.load()));
  }
  return OK;
}

async function runCommand(
  row: CommandRow,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const command = await row.load();
  const { options, operands } = await parseArguments(row.name, command, args);
  if (options['help'] !== undefined) {
    terminal.print(helpOf(row, command));
    return OK;
  }
  terminal.quiet = options['quiet'] !== undefined;
  return command.run({ options, operands, terminal } as Parameters<typeof command.run>[0]);
}

async function commandNamed(name: string): Promise<CommandRow> {
  const row = COMMANDS.find((one) => one.name === name);
  if (row !== undefined) return row;
  const suggestion = await didYouMean(
    name,
    COMMANDS.map((one) => one.name),
  );
  throw new MisuseError(commandUnknown(name, suggestion));
}

/** Whether it is an error of the library, such as a workspace that cannot be loaded. */
async function isOurs(error: unknown): Promise<boolean> {
  return import('nestjs-quonfig').then(
    ({ isQuonfigError }) => isQuonfigError(error),
    () => false,
  );
}

/** Prints an error in one line; only a mistake of ours has a stack. */
async function report(error: unknown, command: string, terminal: Terminal): Promise<number> {
  const name = COMMANDS.some((one) => one.name === command) ? `${PROGRAM} ${command}` : PROGRAM;
  const prefix = terminal.noteStyle.red(`${name}:`);
  if (error instanceof MisuseError || error instanceof CommandError || (await isOurs(error))) {
    terminal.fail(`${prefix} ${harmless((error as Error).message.replaceAll(/\s+/g, ' '))}`);
    return error instanceof MisuseError ? MISUSE : FAILED;
  }
  terminal.fail(`${prefix} ${failedUnexpectedly(name)}`);
  terminal.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return FAILED;
}
