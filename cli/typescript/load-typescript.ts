import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from '../command.errors.js';
import { type Node, type SourceParser, Syntax, type SyntaxTree } from './syntax.js';
import { typescriptBroken, typescriptMissing } from './typescript.messages.js';

/**
 * Loads the TypeScript of a project. The package does not bring one along: whoever writes TypeScript has it.
 *
 * @param directory a directory of the project
 * @throws {CommandError} it is not installed, or cannot be used
 */
export async function loadTypeScript(directory: string): Promise<SourceParser> {
  const require = createRequire(join(directory, 'package.json'));
  let version: string;
  try {
    ({ version } = require('typescript/package.json') as { version: string });
  } catch {
    throw new CommandError(typescriptMissing());
  }
  try {
    return Number.parseInt(version, 10) >= 7
      ? await nativeParser(require, directory)
      : classicParser(require('typescript') as ClassicTypeScript);
  } catch (error) {
    throw new CommandError(typescriptBroken(version, (error as Error).message));
  }
}

/** TypeScript 5 and 6, which are written in JavaScript. */
interface ClassicTypeScript {
  readonly SyntaxKind: Readonly<Record<string, unknown>>;
  createSourceFile(file: string, text: string, target: number): Node;
}

const LATEST = 99;

function classicParser(typescript: ClassicTypeScript): SourceParser {
  return {
    syntax: new Syntax(typescript.SyntaxKind),
    *parse(files) {
      for (const file of files) {
        const text = readFileSync(file, 'utf8');
        yield { file, text, root: typescript.createSourceFile(file, text, LATEST) };
      }
    },
    close() {},
  };
}

/** TypeScript 7, a native program that parses what belongs to a project. */
interface NativeTypeScript {
  readonly API: new (options: { cwd: string }) => NativeApi;
}

interface NativeApi {
  updateSnapshot(parameters: { openProjects: readonly string[] }): {
    getProjects(): readonly { program: { getSourceFile(file: string): Node | undefined } }[];
    dispose(): void;
  };
  close(): void;
  readonly client?: { readonly channel?: { readonly child?: { kill(signal: 'SIGKILL'): void } } };
}

async function nativeParser(require: NodeJS.Require, directory: string): Promise<SourceParser> {
  const load = async (name: string): Promise<unknown> =>
    import(pathToFileURL(require.resolve(name)).href);
  const { API } = (await load('typescript/unstable/sync')) as NativeTypeScript;
  const ast = (await load('typescript/unstable/ast')) as Pick<ClassicTypeScript, 'SyntaxKind'>;
  const api = new API({ cwd: directory });
  return {
    syntax: new Syntax(ast.SyntaxKind),
    *parse(files) {
      if (files.length > 0) yield* parseTogether(api, files);
    },
    close() {
      // A program that is asked to end prints "context canceled" among our lines.
      api.client?.channel?.child?.kill('SIGKILL');
      api.close();
    },
  };
}

/** Only parses: without libraries and imports, the program has no other files. */
const PARSE_ONLY = { noLib: true, noResolve: true, types: [], allowJs: true, jsx: 'preserve' };

function* parseTogether(api: NativeApi, files: readonly string[]): Iterable<SyntaxTree> {
  const directory = mkdtempSync(join(tmpdir(), 'nestjs-quonfig-'));
  let snapshot: ReturnType<NativeApi['updateSnapshot']> | undefined;
  try {
    const project = join(directory, 'tsconfig.json');
    writeFileSync(project, JSON.stringify({ compilerOptions: PARSE_ONLY, files }));
    snapshot = api.updateSnapshot({ openProjects: [project] });
    const [opened] = snapshot.getProjects();
    for (const file of files) {
      const root = opened?.program.getSourceFile(file);
      if (root !== undefined) yield { file, text: root.text ?? '', root };
    }
  } finally {
    snapshot?.dispose();
    rmSync(directory, { recursive: true, force: true });
  }
}
