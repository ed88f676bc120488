import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** No measurement takes longer than this (ms): past it the child is ended. */
const LIMIT_MS = 180_000;

/**
 * Runs a file of this folder in a Node process of its own and gives back what it sends.
 * @param {string} file
 * @param {string[]} args
 * @param {string[]} flags of the process, besides the one that lets it collect garbage when it wants
 */
export async function inChild(file, args, flags = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--expose-gc', ...flags],
    timeout: LIMIT_MS,
  });
  /** @type {any} */
  let result;
  child.on('message', (message) => (result = message));
  const [code, signal] = await once(child, 'exit');
  if (result === undefined)
    throw new Error(
      `${file} ${args.join(' ')} ended without a result (${signal ?? `code ${code}`})`,
    );
  return result;
}
