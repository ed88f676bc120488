import 'reflect-metadata';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigLogger, QuonfigService } from 'nestjs-quonfig';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { bufferLogs: true });
const logger = new ConsoleLogger({ json: process.env.NODE_ENV === 'production' });
app.useLogger(new QuonfigLogger(app.get(QuonfigService), { logger }));
// Ends the process itself: the first process of a container ignores a signal that has no handler.
app.enableShutdownHooks([], { useProcessExit: true });

await app.listen(process.env.PORT ?? 3008, '0.0.0.0');
Logger.log(`Listening at ${await app.getUrl()}`, 'Production');
