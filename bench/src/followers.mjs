import { init } from '@launchdarkly/node-server-sdk';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OnQuonfigUpdate, QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { versionOf } from './contender.mjs';
import { MARKER } from './pushes.mjs';
import { following } from './server-process.mjs';

/**
 * Clients that follow a server and call back at each change; `marker` reads the number of the set that is in force.
 * @typedef {{ version: string, marker: () => Promise<number>, close: () => unknown }} Follower
 */

/** A handler of a Nest application. */
async function quonfig(/** @type {string} */ url, /** @type {() => void} */ changed) {
  class Watcher {
    onUpdate() {
      changed();
    }
  }
  OnQuonfigUpdate()(
    Watcher.prototype,
    'onUpdate',
    Object.getOwnPropertyDescriptor(Watcher.prototype, 'onUpdate'),
  );
  Injectable()(Watcher);
  // oxlint-disable-next-line typescript/no-extraneous-class -- Nest's modules are classes
  class AppModule {}
  Module({
    imports: [QuonfigModule.forRoot(following(url))],
    providers: [Watcher],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const service = app.get(QuonfigService);
  return {
    version: await versionOf('nestjs-quonfig'),
    marker: async () => service.getNumber(MARKER),
    close: () => app.close(),
  };
}

async function launchdarkly(/** @type {string} */ url, /** @type {() => void} */ changed) {
  const quiet = () => {};
  const client = init('sdk-bench', {
    baseUri: url,
    streamUri: url,
    eventsUri: url,
    sendEvents: false,
    diagnosticOptOut: true,
    logger: { error: console.error, warn: console.warn, info: quiet, debug: quiet },
  });
  await client.waitForInitialization({ timeout: 30 });
  client.on('update', changed);
  return {
    version: await versionOf('@launchdarkly/node-server-sdk'),
    marker: () => client.numberVariation(MARKER, { kind: 'user', key: 'bench' }, 0),
    close: () => client.close(),
  };
}

async function unleash(/** @type {string} */ url, /** @type {() => void} */ changed) {
  const client = new Unleash({
    appName: 'bench',
    url: `${url}/`,
    disableMetrics: true,
    disableAutoStart: true,
    storageProvider: new InMemStorageProvider(),
    experimentalMode: { type: 'streaming' },
  });
  client.on('error', console.error);
  client.on('warn', console.error);
  const ready = new Promise((resolve) => client.once('ready', resolve));
  await client.start();
  await ready;
  client.on('changed', changed);
  return {
    version: await versionOf('unleash-client'),
    marker: async () => Number(client.getVariant(MARKER, { userId: 'bench' }).name),
    close: () => client.destroy(),
  };
}

/** @type {Record<string, (url: string, changed: () => void) => Promise<Follower>>} */
export const FOLLOWERS = { quonfig, launchdarkly, unleash };
