import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Change, DeliveryServer } from './delivery-server.js';

/** Serves `POST /publish`, `/stop`, `/start`, `/revoke` and `/allow` on a port that stays open while delivery is down. */
export async function startControl(delivery: DeliveryServer, port: number): Promise<Server> {
  const actions: Record<string, (body: string) => unknown> = {
    'POST /publish': (body) => delivery.publish(body ? (JSON.parse(body) as Change) : undefined),
    'POST /stop': () => delivery.stop(),
    'POST /start': () => delivery.start(),
    'POST /revoke': () => delivery.revoke(),
    'POST /allow': () => delivery.allow(),
  };

  async function perform(request: IncomingMessage): Promise<[status: number, text: string]> {
    const action = actions[`${request.method} ${request.url}`];
    if (action === undefined)
      return [404, `Unknown action. Available: ${Object.keys(actions).join(', ')}.`];
    try {
      await action(Buffer.concat(await request.toArray()).toString());
      return [200, 'Done.'];
    } catch (error) {
      return [400, (error as Error).message];
    }
  }

  const control = createServer((request, response) => {
    void perform(request).then(([status, text]) => response.writeHead(status).end(`${text}\n`));
  });
  control.listen(port, '127.0.0.1');
  await once(control, 'listening');
  return control;
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
