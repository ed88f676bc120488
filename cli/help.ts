import { PROGRAM } from './cli.messages.js';
import type { Command, OptionRow } from './command.js';
import type { CommandRow } from './commands.js';
import { GLOBAL_OPTIONS } from './shared-options.js';

const WIDTH = 80;

/** Returns what `nestjs-quonfig --help` prints. */
export function overview(commands: readonly CommandRow[]): string {
  return [
    `${PROGRAM}: checks a Quonfig workspace and explains its values`,
    '',
    `  ${PROGRAM} COMMAND [options]`,
    '',
    'Commands',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Example',
    `  npx ${PROGRAM} verify --datadir workspace`,
    '',
    `${PROGRAM} COMMAND --help explains a command; --version prints the version.`,
    'Exit codes: 0 success, 1 findings or failure, 2 misuse. NO_COLOR: no colors.',
  ].join('\n');
}

/** Returns what `nestjs-quonfig COMMAND --help` prints. */
export function helpOf({ name, summary }: CommandRow, command: Command): string {
  const options = Object.entries<OptionRow>({ ...command.options, ...GLOBAL_OPTIONS });
  return [
    `${PROGRAM} ${name}: ${summary}`,
    '',
    `  ${PROGRAM} ${name} ${command.usage}`,
    ...(command.about === undefined ? [] : ['', ...command.about]),
    '',
    'Options',
    ...columns(options.map(([option, row]) => [formOf(option, row), row.about])),
    '',
    command.examples.length > 1 ? 'Examples' : 'Example',
    ...command.examples.map((example) => `  npx ${PROGRAM} ${example}`),
  ].join('\n');
}

function formOf(option: string, { value, short }: OptionRow): string {
  const long = value === undefined ? `--${option}` : `--${option} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

/** Two columns; the right one is wrapped below itself. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, about]) =>
    wrapped(about, WIDTH - left).map(
      (line, index) => (index === 0 ? `  ${name}` : '').padEnd(left) + line,
    ),
  );
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const line = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (line.length > width) lines.push(word);
    else lines[last] = line;
  }
  return lines;
}
