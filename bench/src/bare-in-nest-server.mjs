import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/**
 * The bare server in the process of a Nest application that does nothing: `bare-in-nest-server.mjs <size>`. What it takes
 * longer than the bare server alone is the garbage collections of such a process, in which a relay runs, too.
 */

function AppModule() {}
Module({})(AppModule);
const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
await import('./bare-stream-server.mjs');
