import type { InjectionToken, Provider, Type } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import type { Delivery } from '../delivery/delivery.js';
import { EnvelopeIntake } from '../delivery/envelope-intake.js';
import { LocalDelivery } from '../delivery/local-delivery.js';
import { NetworkDelivery } from '../delivery/network-delivery.js';
import type { QuonfigModuleOptions } from '../interfaces/index.js';
import { type ResolvedOptions, resolveOptions } from '../options/index.js';
import { QUONFIG_DELIVERY, QUONFIG_OPTIONS } from './quonfig.constants.js';
import { QuonfigLifecycle } from './quonfig.lifecycle.js';
import {
  chooseDelivery,
  createCallbackRunner,
  createDatadirWatcher,
  createHedgedFetch,
  createIntake,
  createLocalDelivery,
  createNetworkDelivery,
  createPollingFallback,
  createStore,
  createStream,
  createTelemetryReporter,
  createTelemetryWindow,
} from '../client/parts.js';
import { QuonfigService } from '../client/quonfig.service.js';
import { getQuonfigToken } from './quonfig.tokens.js';
import { DatadirWatcher } from '../sources/datadir/datadir-watcher.js';
import { HedgedFetch } from '../sources/http/hedged-fetch.js';
import { PollingFallbackService } from '../sources/poll/polling-fallback.service.js';
import { SseReconnectService } from '../sources/stream/sse-reconnect.service.js';
import { ConfigStore } from '../store/index.js';
import { TelemetryReporter } from '../telemetry/telemetry-reporter.js';
import { TelemetryWindow } from '../telemetry/telemetry-window.js';
import { CallbackRunner } from '../updates/callback-runner.js';

/** What applications may inject. Which of the deliveries and sources are `undefined` depends on where configs come from. */
const PARTS: readonly Type[] = [
  QuonfigService,
  ConfigStore,
  LocalDelivery,
  DatadirWatcher,
  NetworkDelivery,
  HedgedFetch,
  SseReconnectService,
  PollingFallbackService,
  CallbackRunner,
  TelemetryReporter,
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
  const local = getQuonfigToken(name, LocalDelivery);
  const intake = getQuonfigToken(name, EnvelopeIntake);
  const fetch = getQuonfigToken(name, HedgedFetch);
  const poller = getQuonfigToken(name, PollingFallbackService);
  const stream = getQuonfigToken(name, SseReconnectService);
  const network = getQuonfigToken(name, NetworkDelivery);
  const delivery = getQuonfigToken(name, QUONFIG_DELIVERY);
  const callbacks = getQuonfigToken(name, CallbackRunner);
  const window = getQuonfigToken(name, TelemetryWindow);
  const reporter = getQuonfigToken(name, TelemetryReporter);
  const lifecycle = getQuonfigToken(name, QuonfigLifecycle);
  return [
    {
      provide: options,
      useFactory: (given: QuonfigModuleOptions) => resolveOptions(given),
      inject: [givenOptions],
    },
    { provide: callbacks, useFactory: createCallbackRunner, inject: [options] },
    { provide: store, useFactory: createStore, inject: [callbacks] },
    { provide: watcher, useFactory: createDatadirWatcher, inject: [options] },
    {
      provide: local,
      useFactory: createLocalDelivery,
      inject: [options, store, callbacks, watcher],
    },
    { provide: intake, useFactory: createIntake, inject: [options, store] },
    { provide: fetch, useFactory: createHedgedFetch, inject: [options, intake] },
    { provide: poller, useFactory: createPollingFallback, inject: [options, intake, fetch] },
    { provide: stream, useFactory: createStream, inject: [options, intake, poller] },
    {
      provide: network,
      useFactory: createNetworkDelivery,
      inject: [options, store, callbacks, intake, fetch, poller, stream],
    },
    { provide: delivery, useFactory: chooseDelivery, inject: [local, network] },
    { provide: window, useFactory: createTelemetryWindow, inject: [options, delivery] },
    { provide: reporter, useFactory: createTelemetryReporter, inject: [options, window] },
    {
      provide: lifecycle,
      useFactory: (
        ...parts: [
          ResolvedOptions,
          ConfigStore,
          Delivery,
          CallbackRunner,
          TelemetryWindow | undefined,
          TelemetryReporter | undefined,
          DiscoveryService,
          ModuleRef,
        ]
      ) => new QuonfigLifecycle(name, ...parts),
      inject: [options, store, delivery, callbacks, window, reporter, DiscoveryService, ModuleRef],
    },
    {
      provide: getQuonfigToken(name),
      useFactory: (life: QuonfigLifecycle) => life.load(),
      inject: [lifecycle],
    },
  ];
}
