import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Block, root } from './page.js';
import { type Diagnostic, Project } from './typescript.js';

const run = promisify(execFile);

/** The imports that blocks of docs/ without imports may omit. The README's may omit only `quonfig`: readers paste them. */
export const assumedImports = `import { getQuonfigToken, InjectQuonfig, OnQuonfigUpdate, QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { type Contexts, type QuonfigModuleOptions, type QuonfigUpdate } from 'nestjs-quonfig';
`;

/** The service that blocks read from, and the functions that check their stated results. */
const harness = (
  datadir: string,
): string => `import { isDeepStrictEqual, inspect } from 'node:util';
import { QuonfigService } from 'nestjs-quonfig';

export const quonfig = await QuonfigService.create({
  datadir: ${JSON.stringify(datadir)},
  environment: 'production',
  loggerKey: 'log-level.quickstart',
  logger: { warn() {}, error() {} },
});

export const problems: { block: number; line: number; text: string }[] = [];

export function report(block: number, line: number, actual: unknown, expected: unknown): void {
  const text = \`is \${inspect(actual)}, not \${inspect(expected)}\`;
  if (!isDeepStrictEqual(actual, expected)) problems.push({ block, line, text });
}

export async function returns(block: number, line: number, read: () => unknown, expected: unknown): Promise<void> {
  report(block, line, await read(), expected);
}

export async function throws(block: number, line: number, read: () => unknown, code: string): Promise<void> {
  const error: any = await (async () => read())().then(() => 'nothing thrown', (thrown) => thrown);
  report(block, line, error?.code ?? error, code);
}
`;

const runner = (blocks: number[]): string => `import { quonfig, problems } from './harness.js';

for (const block of ${JSON.stringify(blocks)}) {
  await import('./block-' + block + '.js').catch((error) => {
    problems.push({ block, line: 0, text: String(error?.stack) });
  });
}
await quonfig.close();
console.log(JSON.stringify(problems));
`;

/** The problems of each block: the line of its page, and the message of the compiler or of the run. */
export type Findings = ReadonlyMap<Block, readonly string[]>;

const STATEMENT = /^(\s*)(?:const (\w+) = )?(\S.*?);? \/\/ → (.+)$/;

/**
 * Compiles blocks and runs those that state results: the line `expression; // → value` returns that value, and
 * `expression; // → throws code` throws an error with that code. Line numbers are preserved.
 */
export async function findingsIn(blocks: readonly Block[]): Promise<Findings> {
  const files = new Map([['src/harness.ts', harness(join(root, 'sample', 'workspace'))]]);
  const stating: number[] = [];
  const offsets = blocks.map((block, index) => {
    const code = block.code.split('\n').map((line, at) => checked(line, index, block.line + at));
    if (code.join('\n') !== block.code) stating.push(index);
    const head = `import { returns, throws } from './harness.js';\n${
      /^import /m.test(block.code)
        ? ''
        : `${block.page === 'README.md' ? '' : assumedImports}import { quonfig } from './harness.js';\n`
    }`;
    files.set(`src/block-${index}.ts`, `${head}${code.join('\n')}\nexport {};\n`);
    return head.split('\n').length - 1;
  });
  files.set('src/run.mts', runner(stating));

  const project = await Project.create(files);
  try {
    const findings = new Map<Block, string[]>();
    const add = (block: Block, text: string): void =>
      void findings.set(block, [...(findings.get(block) ?? []), text]);
    const outside: Diagnostic[] = [];
    for (const found of await project.compile()) {
      const index = Number(/block-(\d+)/.exec(found.file)?.[1] ?? -1);
      const block = blocks[index];
      if (block === undefined) outside.push(found);
      else add(block, `line ${block.line + found.line - 1 - offsets[index]!}: ${found.text}`);
    }
    if (outside.length > 0) throw new Error(JSON.stringify(outside, undefined, 2));
    for (const { block, line, text } of await runOf(project)) {
      add(blocks[block]!, line === 0 ? text : `line ${line}: ${text}`);
    }
    return findings;
  } finally {
    await project.remove();
  }
}

function checked(text: string, block: number, line: number): string {
  const statement = STATEMENT.exec(text);
  if (statement === null) return text;
  const [, indent, name, expression, result] = statement;
  const [, code] = /^throws (\w+)$/.exec(result!) ?? [];
  const at = `${block}, ${line}`;
  if (code !== undefined) return `${indent}await throws(${at}, () => ${expression}, '${code}');`;
  if (name === undefined) return `${indent}await returns(${at}, () => ${expression}, (${result}));`;
  return `${indent}const ${name} = ${expression}; await returns(${at}, () => ${name}, (${result}));`;
}

async function runOf(project: Project): Promise<{ block: number; line: number; text: string }[]> {
  const { stdout } = await run(process.execPath, ['dist/run.mjs'], {
    cwd: project.folder,
    env: { ...process.env, ...publicDemoKey, NO_COLOR: '1' },
    timeout: 60_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Awaited<ReturnType<typeof runOf>>;
}

/** The key in sample/01-quickstart/demo.env, with which the secret of the demo's workspace is encrypted. */
const publicDemoKey = {
  QUICKSTART_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff'.repeat(2),
};
