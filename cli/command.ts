import type { Terminal } from './terminal.js';

/** How a command ends. */
export const OK = 0;
/** The command did its work and found what it looks for, or failed. */
export const FAILED = 1;
/** The command was called wrongly; {@link MisuseError} ends it like this. */
export const MISUSE = 2;

/** An option of a command: `--name`, or `--name VALUE` if it has a `value`. */
export interface OptionRow {
  /** What stands for the value in the help, e.g. `DIR`. Absent for a switch. */
  readonly value?: string;
  /** One letter, e.g. `q` for `-q`. */
  readonly short?: string;
  /** Whether it may be repeated; its value is then a list. */
  readonly multiple?: true;
  /** The accepted values. */
  readonly choices?: readonly string[];
  /** What it does, in a few words. */
  readonly about: string;
}

export type OptionTable = Readonly<Record<string, OptionRow>>;

type OptionValue<Row extends OptionRow> = Row extends { value: string }
  ? Row extends { multiple: true }
    ? readonly string[]
    : string
  : true;

/** The options that were given. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: OptionValue<Table[Name]>;
};

export interface Invocation<Table extends OptionTable = OptionTable> {
  readonly options: OptionValues<Table>;
  /** What was given besides options, e.g. a key. */
  readonly operands: readonly string[];
  readonly terminal: Terminal;
}

export interface CommandSpec<Table extends OptionTable = OptionTable> {
  /** What `--help` shows after the name, e.g. `KEY [options]`. */
  readonly usage: string;
  /** Lines of the help that explain the operands and what is unusual. */
  readonly about?: readonly string[];
  readonly options: Table;
  /** How many operands the command takes, and what they are, for completion. Default: none. */
  readonly operands?: {
    readonly min: number;
    readonly max: number;
    readonly are: 'keys' | 'environments' | 'shells';
  };
  /** Command lines for the help, without `npx nestjs-quonfig`. */
  readonly examples: readonly string[];
  /** @returns the exit code */
  run(invocation: Invocation<Table>): Promise<number>;
}

/** A command whose options have been parsed by its own table, so that the table of commands can hold all of them. */
export type Command = CommandSpec;

/** Checks a command against its own table of options. */
export function defineCommand<const Table extends OptionTable>(spec: CommandSpec<Table>): Command {
  return spec;
}
