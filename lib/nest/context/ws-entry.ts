import type { WebSocketAdapter } from '@nestjs/common';
import type { ApplicationContexts } from './application-contexts.js';
import { wsCall } from './execution-call.js';

/** What holds the adapter of an application, also the default one. */
export interface AdapterHolder {
  getIoAdapter(): WebSocketAdapter | undefined;
  setIoAdapter(adapter: WebSocketAdapter): unknown;
}

type Handlers = Parameters<WebSocketAdapter['bindMessageHandlers']>[1];
type Callback = (...args: unknown[]) => unknown;

/** Makes every message of a gateway run in its scopes, for the adapter of now and for any that replaces it. */
export function enterOnGateways(holder: AdapterHolder, application: ApplicationContexts): void {
  if (!application.isFirst(holder)) return;
  const current = holder.getIoAdapter();
  if (current) enterOnAdapter(current, application);
  const setIoAdapter = holder.setIoAdapter.bind(holder);
  holder.setIoAdapter = (adapter) => {
    enterOnAdapter(adapter, application);
    return setIoAdapter(adapter);
  };
}

function enterOnAdapter(adapter: WebSocketAdapter, application: ApplicationContexts): void {
  if (!application.isFirst(adapter)) return;
  const bindMessageHandlers = adapter.bindMessageHandlers.bind(adapter);
  adapter.bindMessageHandlers = (client: unknown, handlers: Handlers, transform) => {
    const entering = handlers.map((handler) => {
      const { message } = handler;
      const callback: Callback = handler.callback;
      const enter: Callback = (...args) =>
        application.enter(wsCall([client, args[0], message]), () => callback(...args));
      return { ...handler, callback: enter as (typeof handler)['callback'] };
    });
    bindMessageHandlers(client, entering, transform);
  };
  const bindClientConnect = adapter.bindClientConnect.bind(adapter);
  adapter.bindClientConnect = (server: unknown, callback: Callback) =>
    bindClientConnect(server, (...args: unknown[]) =>
      enterConnection(args[0], application, () => callback(...args)),
    );
  const bindClientDisconnect = adapter.bindClientDisconnect?.bind(adapter);
  if (!bindClientDisconnect) return;
  adapter.bindClientDisconnect = (client: unknown, callback: Callback) =>
    bindClientDisconnect(client, (...args: unknown[]) =>
      enterConnection(client, application, () => callback(...args)),
    );
}

function enterConnection(
  client: unknown,
  application: ApplicationContexts,
  callback: () => unknown,
): unknown {
  return application.enterConnection(
    {
      subject: client as object,
      source: () => ({ type: 'ws', client, pattern: '', data: undefined }),
    },
    callback,
  );
}
