import { describe, expect, it } from 'vitest';
import { envelopeOf, etagOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });
const second = envelopeOf({ generation: 2, values: { greeting: 'bonjour' } });

describe('an invalid envelope', () => {
  it('an invalid envelope fails one poll, and the next poll installs', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, { enableSSE: false, fallbackPollIntervalMs: 20 });
    server.configs.answerAlways({ status: 200, body: '{"configs":' });
    await until(() => expect(service.metrics().restarts.poll.worker_throw).toBeGreaterThan(1));
    expect(service.getString('greeting')).toBe('hello');
    server.publish(second);
    server.configs.answerNormally();
    await until(() => expect(service.getString('greeting')).toBe('bonjour'));
  });

  it('the ETag of an invalid envelope is not kept, so the next refresh downloads the whole body', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server, {
      apiUrls: [server.url],
      enableSSE: false,
      fallbackPollEnabled: false,
    });
    server.publish(second);
    const body = JSON.stringify(second);
    server.configs.answerNext({
      status: 200,
      headers: { etag: etagOf(body) },
      body: body.slice(0, -20),
    });
    await expect(service.refresh()).rejects.toMatchObject({ code: 'invalid_envelope' });
    await service.refresh();
    expect(service.getString('greeting')).toBe('bonjour');
    const sentETag = server.configs.requests.at(-1)!.headers['if-none-match'];
    expect(sentETag).toBe(etagOf(JSON.stringify(first)));
  });
});
