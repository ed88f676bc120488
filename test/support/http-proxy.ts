import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

export interface HttpProxy {
  readonly url: string;
  /** The host and port of every request and tunnel that was asked for. */
  readonly targets: readonly string[];
}

/** Starts a proxy that passes every request and tunnel to one loopback port, whatever its host. It closes with the test. */
export async function httpProxyTo(port: number): Promise<HttpProxy> {
  const targets: string[] = [];
  const proxy = createServer((incoming, response) => {
    const { host, pathname } = new URL(incoming.url!);
    targets.push(host);
    const { method, headers } = incoming;
    const forwarded = request(
      { host: '127.0.0.1', port, path: pathname, method, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    response.on('close', () => forwarded.destroy());
    forwarded.on('error', () => response.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on('connect', (incoming, client, head) => {
    targets.push(incoming.url!);
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.write(head);
      client.pipe(server).pipe(client);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets };
}
