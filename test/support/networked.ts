import { onTestFinished, vi } from 'vitest';
import { type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { DeliveryServer, type DeliveryServerOptions, SDK_KEY } from './delivery-server.js';
import { FaultProxy } from './fault-proxy.js';
import { RecordingLogger } from './recording-logger.js';

/** Starts a delivery server that closes with the test. */
export async function serve(options?: DeliveryServerOptions): Promise<DeliveryServer> {
  const server = await DeliveryServer.start(options);
  onTestFinished(() => server.close());
  return server;
}

/** Starts a proxy that closes with the test. */
export async function proxyTo(server: { port: number }): Promise<FaultProxy> {
  const proxy = await FaultProxy.before(server.port);
  onTestFinished(() => proxy.close());
  return proxy;
}

export interface Networked {
  readonly service: QuonfigService;
  readonly log: RecordingLogger;
}

/** Options of a service that sends every request to this server. */
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

/** Creates a service that follows a delivery server and closes with the test. */
export async function connectTo(
  server: { url: string },
  more: Partial<QuonfigModuleOptions> = {},
): Promise<Networked> {
  const log = new RecordingLogger();
  const service = await QuonfigService.create(optionsFor(server, { logger: log, ...more }));
  onTestFinished(() => service.close());
  return { service, log };
}

/** Waits for a condition, long enough for a busy machine. */
export function until<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 15_000, interval: 10 });
}
