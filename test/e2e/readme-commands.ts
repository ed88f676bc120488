import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Page, root } from '../docs/page.js';

const run = promisify(execFile);

/** A character that no command prints. */
const SEPARATOR = '\x1e';

/** Commands with what they print. */
export type Transcript = { readonly command: string; readonly output: string }[];

/** The commands of a page, and the output that it states. */
export function statedBy(page: Page): Transcript {
  return page.blocks
    .filter(({ language }) => language === 'console')
    .flatMap(({ code }) => code.split(/^\$ /m).filter(Boolean))
    .map((text) => {
      const [command = '', ...output] = text.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    });
}

/**
 * Runs the commands of a page in one shell, which keeps their variables, with these parts replaced and these variables in
 * the environment.
 */
export async function printedBy(
  page: Page,
  replacements: Record<string, string>,
  env: Record<string, string> = {},
): Promise<Transcript> {
  const commands = statedBy(page).map(({ command }) => command);
  const script = commands.map((command) => `printf '${SEPARATOR}'\n${command}\n`).join('');
  const replaced = Object.entries(replacements).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    script,
  );
  const { stdout } = await run('sh', ['-c', replaced], {
    cwd: root,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  const outputs = stdout.split(SEPARATOR).slice(1);
  return commands.map((command, index) => ({ command, output: outputs[index]!.trimEnd() }));
}
