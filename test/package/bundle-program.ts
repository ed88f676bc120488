import { optionalPackages } from '../../scripts/matrix/bundlers.mjs';

/** An application whose features depend on names of classes, which bundlers change. Prints one line for each. */
const applicationAround = (classes: string): string => `import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { TerminusModule } from '@nestjs/terminus';
import {
  ConfigStore, getQuonfigToken, InjectQuonfig, isQuonfigError, OnQuonfigUpdate, QuonfigModule, QuonfigService,
} from 'nestjs-quonfig';
import { QuonfigHealthIndicator } from 'nestjs-quonfig/terminus';

const options = { datadir: './workspace', environment: 'production', logger: { warn() {}, error: console.log } };
const appModule = () => ({
  imports: [
    EventEmitterModule.forRoot(),
    TerminusModule,
    QuonfigModule.forRoot(options),
    QuonfigModule.forRoot({ ...options, name: 'billing' }),
  ],
  providers: [Listener, QuonfigHealthIndicator],
});
${classes}
async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const billing = app.get(getQuonfigToken('billing'));
  console.log('named: ' + (billing instanceof QuonfigService) + ' ' + billing.get('greeting'));
  console.log('injected: ' + (app.get(Listener).billing === billing));
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

/** In JavaScript, which has no decorators yet. */
export const bundledApplication = applicationAround(`
class Listener {
  constructor(billing, health) {
    this.billing = billing;
    this.health = health;
  }
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
Reflect.defineMetadata('design:paramtypes', [QuonfigService, QuonfigHealthIndicator], Listener);
InjectQuonfig('billing')(Listener, undefined, 0);
Injectable()(Listener);

class AppModule {}
Module(appModule())(AppModule);
`);

/** The same in TypeScript, with decorators and the metadata that the compiler emits. */
export const decoratedApplication = applicationAround(`
@Injectable()
class Listener {
  constructor(
    @InjectQuonfig('billing') readonly billing: QuonfigService,
    readonly health: QuonfigHealthIndicator,
  ) {}
  @OnQuonfigUpdate({ name: 'billing' })
  handle({ added }: { added: readonly string[] }) {
    console.log('handler: ' + added);
  }
  @OnEvent('quonfig.billing.update')
  heard({ added }: { added: readonly string[] }) {
    console.log('event: ' + added);
  }
}

@Module(appModule())
class AppModule {}
`);

/** What the applications print, sorted. */
export const bundledOutput = [
  'error: MissingDefaultError true missing_default',
  'event: greeting',
  'handler: greeting',
  'health: up',
  'injected: true',
  'named: true Hello',
  'store: true',
];

/** What a bundle of these applications, which have no server, leaves out. */
export const externalPackages: string[] = [...optionalPackages, '@nestjs/platform-express'];
