import { once } from 'node:events';
import { isIP } from 'node:net';
import {
  type DynamicModule,
  type INestApplication,
  type LoggerService,
  Module,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigRelayModule } from 'nestjs-quonfig/relay';
import { defineCommand, OK } from '../command.js';
import { CommandError, MisuseError } from '../command.errors.js';
import { KEY_OPTIONS } from '../secrets/encryption-key.js';
import { DATADIR, ENVIRONMENT } from '../shared-options.js';
import { harmless } from '../style.js';
import type { Terminal } from '../terminal.js';
import { chooseEnvironment } from '../workspace/environment.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { readEnvironments } from '../workspace/settings.js';
import { NodeHttpAdapter } from './node-http-adapter.js';
import { type RelayKey, relayKey } from './relay-key.js';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 6580;
/** The environment that Quonfig's own tools serve. */
const DEFAULT_ENVIRONMENT = 'development';

/** The module of the application that the command runs. */
@Module({})
class ServeModule {}

export const serve = defineCommand({
  usage: '[options]',
  about: [
    'Serves a workspace to applications, as Quonfig does, and follows its changes.',
    'If you give no key, it creates a random one for this run. Ctrl+C stops it.',
  ],
  options: {
    ...DATADIR,
    ...ENVIRONMENT,
    port: { value: 'PORT', about: `default ${DEFAULT_PORT}; 0 for any free port` },
    host: { value: 'ADDRESS', about: `default ${DEFAULT_HOST}` },
    'allow-non-loopback': { about: 'let other machines connect: --host 0.0.0.0' },
    'key-env': {
      ...KEY_OPTIONS['key-env'],
      about: 'the environment variable with the key of clients',
    },
    'key-file': { ...KEY_OPTIONS['key-file'], about: 'the file with the key of clients' },
  },
  examples: ['serve --datadir workspace --environment development'],

  async run({ options, terminal }) {
    const host = options.host ?? DEFAULT_HOST;
    checkHost(host, options['allow-non-loopback'] ?? false);
    const port = portOf(options.port);
    const key = relayKey(options['key-env'], options['key-file']);
    const datadir = findWorkspace(options.datadir);
    const environment = await environmentOf(options.environment, datadir);
    const relay = QuonfigRelayModule.register({ datadir, keys: [{ key: key.key, environment }] });
    const app = await start(relay, host, port, terminal);
    const ended = untilStopped();
    const { port: actual } = app.getHttpServer().address() as { port: number };
    announce(terminal, { datadir, environment, url: urlOf(host, actual), key });
    await ended;
    await app.close();
    return OK;
  },
});

async function start(
  relay: DynamicModule,
  host: string,
  port: number,
  terminal: Terminal,
): Promise<INestApplication> {
  const root: DynamicModule = { module: ServeModule, imports: [relay] };
  const logger = new ServeLogger(terminal);
  // Without `abortOnError: false`, Nest would end the process with a stack instead of one line.
  const app = await NestFactory.create(root, new NodeHttpAdapter(), {
    logger,
    abortOnError: false,
  });
  try {
    await app.listen(port, host);
    logger.hasStarted = true;
    return app;
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CommandError(`port ${port} of ${host} is in use. Choose another one with --port.`);
    }
    if (code === 'EADDRNOTAVAIL' || code === 'EACCES') {
      throw new CommandError(
        `${host}:${port} is not available (${code}). Correct --host or --port.`,
      );
    }
    throw error;
  }
}

/** @throws {MisuseError} other machines could connect, and nobody has allowed it */
function checkHost(host: string, isAllowed: boolean): void {
  const isLoopback =
    host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (isLoopback || isAllowed) return;
  throw new MisuseError(
    `${host} is not a loopback address: other machines could read the workspace. Add --allow-non-loopback if that is what you want.`,
  );
}

function portOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_PORT;
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65_535) return port;
  throw new MisuseError('--port needs a number from 0 to 65535.');
}

async function environmentOf(given: string | undefined, datadir: string): Promise<string> {
  const available = readEnvironments(datadir);
  const isOpen = given === undefined && !process.env['QUONFIG_ENVIRONMENT'];
  if (isOpen && available.includes(DEFAULT_ENVIRONMENT)) return DEFAULT_ENVIRONMENT;
  return chooseEnvironment(given, available);
}

function urlOf(host: string, port: number): string {
  // Clients cannot connect to "every address".
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${isIP(name) === 6 ? `[${name}]` : name}:${port}`;
}

interface Serving {
  readonly datadir: string;
  readonly environment: string;
  readonly url: string;
  readonly key: RelayKey;
}

function announce(terminal: Terminal, { datadir, environment, url, key }: Serving): void {
  terminal.note(
    `Serving ${harmless(datadir)} (${environment}) at ${url}. Put this line into the application:`,
  );
  terminal.print(
    `QuonfigModule.forRoot({ sdkKey: ${key.expression}, apiUrls: ['${url}'], streamUrl: '${url}', collectEvaluationSummaries: false, contextUploadMode: 'none' })`,
  );
}

/** Shows problems, but not what Nest says about itself. */
class ServeLogger implements LoggerService {
  /** Whether the start has succeeded: until then, errors are thrown, too. */
  hasStarted = false;

  constructor(private readonly terminal: Terminal) {}

  log(): void {}

  warn(message: unknown): void {
    this.terminal.fail(harmless(String(message)));
  }

  error(message: unknown): void {
    if (this.hasStarted) this.warn(message);
  }
}

/** Resolves when the process is asked to end. */
async function untilStopped(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
