import { once } from 'node:events';
import { createServer } from 'node:http';

/** The SDK key that the delivery server accepts. */
export const sdkKey = 'qf_sk_matrix';

/**
 * The config `greeting`: a string that targets `user.key` "anna".
 *
 * @param {string} value the value for everybody else
 */
const greeting = (value) => ({
  key: 'greeting',
  type: 'config',
  valueType: 'string',
  default: {
    rules: [
      {
        criteria: [
          {
            operator: 'PROP_IS_ONE_OF',
            propertyName: 'user.key',
            valueToMatch: { type: 'string_list', value: ['anna'] },
          },
        ],
        value: { type: 'string', value: 'Hello Anna' },
      },
      {
        criteria: [{ operator: 'ALWAYS_TRUE' }],
        value: { type: 'string', value },
      },
    ],
  },
  environments: [],
});

export const greetingFile = 'workspace/configs/greeting.json';

/**
 * A workspace directory with one config.
 *
 * @param {string} [value] the value for everybody but Anna
 * @returns {Record<string, string>} contents by file name
 */
export const workspaceOf = (value = 'Hello') => ({
  'workspace/quonfig.json': '{ "workspace": "consumer", "environments": ["production"] }',
  [greetingFile]: JSON.stringify(greeting(value)),
});

/** A delivery server on the loopback interface that delivers the same config over HTTP and the stream. */
export class Delivery {
  #generation = 0;
  #envelope = '';
  #streams = new Set();
  #server = createServer((request, response) => this.#serve(request, response));

  /** @param {string} value the value for everybody but Anna */
  static async start(value) {
    const delivery = new Delivery();
    delivery.publish(value);
    delivery.#server.listen(0, '127.0.0.1');
    await once(delivery.#server, 'listening');
    return delivery;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** @param {string} value */
  publish(value) {
    const generation = ++this.#generation;
    const meta = { version: `v${generation}`, environment: 'production', generation };
    this.#envelope = JSON.stringify({ meta, configs: [greeting(value)] });
    for (const stream of this.#streams) stream.write(this.#event());
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #event() {
    return `id: v${this.#generation}\ndata: ${this.#envelope}\n\n`;
  }

  #serve({ method, url, headers }, response) {
    const credentials = Buffer.from(`1:${sdkKey}`).toString('base64');
    const route = `${method} ${url.split('?')[0]}`;
    if (headers.authorization !== `Basic ${credentials}`) response.writeHead(401).end();
    else if (route === 'GET /api/v2/configs') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(this.#envelope);
    } else if (route === 'GET /api/v2/sse/config') {
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(this.#event());
    } else response.writeHead(route === 'POST /api/v1/telemetry/' ? 200 : 404).end();
  }
}
