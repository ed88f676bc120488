import type { InjectionToken, Provider, Type } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { LocalDelivery } from './delivery/local-delivery.js';
import type { QuonfigModuleOptions } from './interfaces/index.js';
import { type ResolvedOptions, resolveOptions } from './options/index.js';
import { QUONFIG_OPTIONS } from './quonfig.constants.js';
import { QuonfigLifecycle } from './quonfig.lifecycle.js';
import { createCallbackRunner, createDatadirWatcher, createDelivery } from './quonfig.parts.js';
import { QuonfigService } from './quonfig.service.js';
import { getQuonfigToken } from './quonfig.tokens.js';
import { DatadirWatcher } from './sources/datadir/datadir-watcher.js';
import { ConfigStore } from './store/index.js';
import { CallbackRunner } from './updates/callback-runner.js';

/** What applications may inject. */
const PARTS: readonly Type[] = [
  QuonfigService,
  ConfigStore,
  LocalDelivery,
  DatadirWatcher,
  CallbackRunner,
];

/** The tokens a module exports. */
export function exportedTokens(name: string | undefined): InjectionToken[] {
  return PARTS.map((part) => getQuonfigToken(name, part));
}

/** The parts of one instance, each under a token of its own: an application can inject or override any of them. */
export function instanceProviders(
  name: string | undefined,
  givenOptions: InjectionToken,
): Provider[] {
  const options = getQuonfigToken(name, QUONFIG_OPTIONS);
  const store = getQuonfigToken(name, ConfigStore);
  const watcher = getQuonfigToken(name, DatadirWatcher);
  const delivery = getQuonfigToken(name, LocalDelivery);
  const callbacks = getQuonfigToken(name, CallbackRunner);
  const lifecycle = getQuonfigToken(name, QuonfigLifecycle);
  return [
    {
      provide: options,
      useFactory: (given: QuonfigModuleOptions) => resolveOptions(given),
      inject: [givenOptions],
    },
    { provide: store, useFactory: () => new ConfigStore() },
    { provide: watcher, useFactory: createDatadirWatcher, inject: [options] },
    { provide: delivery, useFactory: createDelivery, inject: [options, store, watcher] },
    { provide: callbacks, useFactory: createCallbackRunner, inject: [options] },
    {
      provide: lifecycle,
      useFactory: (
        ...parts: [
          ResolvedOptions,
          ConfigStore,
          LocalDelivery,
          CallbackRunner,
          DiscoveryService,
          ModuleRef,
        ]
      ) => new QuonfigLifecycle(name, ...parts),
      inject: [options, store, delivery, callbacks, DiscoveryService, ModuleRef],
    },
    {
      provide: getQuonfigToken(name),
      useFactory: (life: QuonfigLifecycle) => life.load(),
      inject: [lifecycle],
    },
  ];
}
