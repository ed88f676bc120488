import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../cli/run.js';
import { Terminal } from '../../cli/terminal.js';

/** The built command. `npm test` builds it; `npm run build` does when a single test runs. */
export const BUILT_COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  /** Variables of the process; it has no others but PATH. */
  readonly env?: Record<string, string>;
  /** Written to its input. Default: nothing. */
  readonly input?: string;
  /** The command to run. Default: the built one. */
  readonly command?: string;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `nestjs-quonfig` as a process. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { cwd, env = {}, input = '', command = BUILT_COMMAND } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], {
      ...(cwd !== undefined && { cwd }),
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: 'pipe',
      timeout: 30_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // A command that reads no input may end first.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs the command in this process, which is faster: for what does not depend on the process. */
export async function runHere(args: readonly string[], input = ''): Promise<RunResult> {
  const streams = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  };
  streams.stdin.end(input);
  const terminal = new Terminal(streams as unknown as NodeJS.Process, {});
  const code = await runCommandLine(args, terminal);
  streams.stdout.end();
  streams.stderr.end();
  return { code, stdout: await readAll(streams.stdout), stderr: await readAll(streams.stderr) };
}
