import { readFileSync } from 'node:fs';
import type { Contexts } from 'nestjs-quonfig';
import { CommandError, MisuseError } from '../command.errors.js';
import { isJsonObject } from '../workspace/document-parts.js';
import { parseJson } from '../workspace/parse-json.js';

const EXAMPLE = `--context '{"user": {"key": "anna", "plan": "pro"}}'`;

/**
 * Parses `--context`: contexts by name, each an object of properties; after `@`, the file with them.
 *
 * @throws {MisuseError} shows the expected form; never quotes the given one
 * @throws {CommandError} the file cannot be read
 */
export function parseContexts(given: string | undefined): Contexts | undefined {
  if (given === undefined) return undefined;
  const contexts = parse(given.startsWith('@') ? contentOf(given.slice(1)) : given);
  if (!isJsonObject(contexts)) {
    throw new MisuseError(
      `--context is not a JSON object. Write ${EXAMPLE}, in single quotes, or --context @FILE.`,
    );
  }
  const flat = Object.entries(contexts).find(([, properties]) => !isJsonObject(properties));
  if (flat !== undefined) {
    throw new MisuseError(
      `the context ${JSON.stringify(flat[0])} is not an object of properties. Write ${EXAMPLE}.`,
    );
  }
  return contexts as Contexts;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandError(`${file} cannot be read (${code}). Correct the file after --context @.`);
  }
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
