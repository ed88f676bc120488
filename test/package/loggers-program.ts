import { program, tsconfig } from './applications.js';

const body = `
class AppModule {}
Module({
  imports: [QuonfigModule.forRoot({ datadir: './workspace', environment: 'production' })],
})(AppModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const quonfig = app.get(QuonfigService);
  const lines = [];
  const write = (who) => new Writable({
    write: (chunk, _, done) => {
      const { msg, message } = JSON.parse(String(chunk));
      lines.push(who + ' ' + (msg ?? message));
      done();
    },
  });
  const hooks = { logMethod: quonfigLogMethod(quonfig) };
  const one = pino({ level: 'trace', hooks }, write('pino'));
  const transports = [new winston.transports.Stream({ stream: write('winston') })];
  const other = winston.createLogger({ level: 'silly', format: quonfigFormat(quonfig), transports });
  other.format = winston.format.combine(other.format, winston.format.json());
  for (const logger of [one, other]) {
    logger.debug('debug');
    logger.info('info');
  }
  console.log('Hello ' + lines.join(', '));
  await app.close();
}
`;

/** winston has no named exports for ES modules. */
const importsOf = (...winston: string[][]): string[][] => [
  ['Module', '@nestjs/common'],
  ['NestFactory', '@nestjs/core'],
  ['QuonfigModule, QuonfigService', 'nestjs-quonfig'],
  ['quonfigLogMethod', 'nestjs-quonfig/pino'],
  ['quonfigFormat', 'nestjs-quonfig/winston'],
  ['Writable', 'node:stream'],
  ['pino', 'pino'],
  ...winston,
];

const typed = `import pino from 'pino';
import * as winston from 'winston';
import { InjectQuonfig, QuonfigLogger, type QuonfigLoggerOptions, QuonfigService } from 'nestjs-quonfig';
import { quonfigLogMethod, type QuonfigLogMethodOptions } from 'nestjs-quonfig/pino';
import { quonfigFormat, type QuonfigFormatOptions } from 'nestjs-quonfig/winston';

interface Billing {
  'invoice.limit': number;
}

export class Loggers {
  constructor(@InjectQuonfig('billing') private readonly billing: QuonfigService<Billing>) {}

  nest(options?: QuonfigLoggerOptions): QuonfigLogger {
    return new QuonfigLogger(this.billing, options);
  }

  pino(options?: QuonfigLogMethodOptions): pino.Logger {
    return pino.pino({ level: 'trace', hooks: { logMethod: quonfigLogMethod(this.billing, options) } });
  }

  winston(options?: QuonfigFormatOptions): winston.Logger {
    return winston.createLogger({ format: quonfigFormat(this.billing.withContext({}), options) });
  }
}

export const options: QuonfigLogMethodOptions & QuonfigFormatOptions = { contextName: undefined, defaultLevel: 'warn' };
// @ts-expect-error The level is one of six.
export const wrong: QuonfigLoggerOptions = { defaultLevel: 'loud' };
`;

/** Logs with the hook and the format of the subpaths, and prints what was written. */
export const loggersConsumer: Record<string, string> = {
  'package.json': '{ "name": "consumer", "private": true }',
  'loggers.mjs': program('esm', importsOf(['default as winston', 'winston']), body),
  'loggers.cjs': program('cjs', importsOf(), `const winston = require('winston');\n${body}`),
  'loggers.mts': typed,
  'loggers.cts': typed,
  'tsconfig.loggers.json': tsconfig({ module: 'NodeNext' }, ['loggers.mts', 'loggers.cts']),
};
