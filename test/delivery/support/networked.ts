import { onTestFinished, vi } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../../lib/index.js';
import {
  DeliveryServer,
  type DeliveryServerOptions,
  SDK_KEY,
} from '../../support/delivery-server.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { RecordingLogger } from '../../support/recording-logger.js';

/** A delivery service that ends with the test. */
export async function serve(options?: DeliveryServerOptions): Promise<DeliveryServer> {
  const server = await DeliveryServer.start(options);
  onTestFinished(() => server.close());
  return server;
}

/** A proxy that ends with the test. */
export async function proxyTo(server: DeliveryServer): Promise<FaultProxy> {
  const proxy = await FaultProxy.before(server.port);
  onTestFinished(() => proxy.close());
  return proxy;
}

export interface Networked {
  readonly service: QuonfigService;
  readonly log: RecordingLogger;
}

/** Options of a service that asks these addresses and nobody else. */
export function optionsFor(
  server: { url: string },
  more: Partial<QuonfigModuleOptions> = {},
): QuonfigModuleOptions {
  return {
    sdkKey: SDK_KEY,
    apiUrls: [server.url, server.url],
    streamUrl: server.url,
    telemetryUrl: server.url,
    ...more,
  };
}

/** A service that follows a delivery service, and ends with the test. */
export async function connectTo(
  server: { url: string },
  more: Partial<QuonfigModuleOptions> = {},
): Promise<Networked> {
  const log = new RecordingLogger();
  const service = await QuonfigService.create(optionsFor(server, { logger: log, ...more }));
  onTestFinished(() => service.close());
  return { service, log };
}

/** Waits for a condition with all the patience that a busy machine needs. */
export function until<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 15_000, interval: 10 });
}
