/** An application whose features depend on names of classes, which bundlers change. Prints one line for each. */
export const bundledApplication = `import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { TerminusModule } from '@nestjs/terminus';
import {
  ConfigStore, getQuonfigToken, isQuonfigError, OnQuonfigUpdate, QuonfigModule, QuonfigService,
} from 'nestjs-quonfig';
import { QuonfigHealthIndicator } from 'nestjs-quonfig/terminus';

class Listener {
  handle({ added }) {
    console.log('handler: ' + added);
  }
  heard({ added }) {
    console.log('event: ' + added);
  }
}
const decorate = (method, decorator) =>
  decorator(Listener.prototype, method, Object.getOwnPropertyDescriptor(Listener.prototype, method));
decorate('handle', OnQuonfigUpdate({ name: 'billing' }));
decorate('heard', OnEvent('quonfig.billing.update'));
Injectable()(Listener);

const options = { datadir: './workspace', environment: 'production', logger: { warn() {}, error: console.log } };
class AppModule {}
Module({
  imports: [
    EventEmitterModule.forRoot(),
    TerminusModule,
    QuonfigModule.forRoot(options),
    QuonfigModule.forRoot({ ...options, name: 'billing' }),
  ],
  providers: [Listener, QuonfigHealthIndicator],
})(AppModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const billing = app.get(getQuonfigToken('billing'));
  console.log('named: ' + (billing instanceof QuonfigService) + ' ' + billing.get('greeting'));
  console.log('store: ' + (app.get(getQuonfigToken('billing', ConfigStore)) instanceof ConfigStore));
  console.log('health: ' + app.get(QuonfigHealthIndicator).isHealthy('quonfig', { name: 'billing' }).quonfig.status);
  try {
    billing.get('missing');
  } catch (error) {
    console.log('error: ' + error.name + ' ' + isQuonfigError(error) + ' ' + error.code);
  }
  await app.close();
}
main().catch((error) => { console.error(error); process.exit(1); });
`;

/** What the application prints, in any order. */
export const bundledOutput = [
  'error: MissingDefaultError true missing_default',
  'event: greeting',
  'handler: greeting',
  'health: up',
  'named: true Hello',
  'store: true',
];

/** Packages that Nest loads only if they are installed. */
export const optionalPackages = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  '@nestjs/platform-express',
  '@nestjs/axios',
  '@nestjs/mongoose',
  '@nestjs/sequelize',
  '@nestjs/typeorm',
  '@mikro-orm/core',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'class-transformer',
  'class-validator',
  'mongoose',
  'sequelize',
  'typeorm',
];
