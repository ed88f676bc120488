import { fetch as undiciFetch } from 'undici';
import { expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';

it('a service with the fetch function of undici loads configs, follows the stream and sends its reports', async () => {
  const server = await serve({ envelope: envelopeOf({ values: { limit: 1 } }) });
  const { service } = await connectTo(server, { fetch: undiciFetch });
  expect(service.get('limit')).toBe(1);
  await until(() => expect(service.connectionState()).toBe('connected'));
  server.publish(envelopeOf({ generation: 2, values: { limit: 2 } }));
  await until(() => expect(service.get('limit')).toBe(2));
  await service.flush();
  expect(service.metrics().telemetry.batchesSent).toBe(1);
});
