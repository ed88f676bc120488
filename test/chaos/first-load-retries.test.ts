import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualNetwork } from './support/virtual-network.js';

let network: VirtualNetwork;

beforeEach(() => {
  network = new VirtualNetwork();
});

const withoutStream = { enableSSE: false, fallbackPollEnabled: false };
const primaryUrl = 'http://primary.test/api/v2/configs';
const secondaryUrl = 'http://secondary.test/api/v2/configs';

/** Makes both APIs behave like this until a moment. */
function bothUntil(moment: number, behavior: VirtualNetwork['primary']['behavior']): void {
  network.primary.behavior = network.secondary.behavior = behavior;
  network.at(moment, () => {
    network.primary.behavior = network.secondary.behavior = 'serve';
  });
}

/** Returns the message that a start fails with at `initTimeout`. */
async function messageOfStart(
  options: Parameters<VirtualNetwork['start']>[0] = {},
): Promise<string> {
  const error: unknown = await network
    .start({ ...withoutStream, ...options })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'initialization_timeout' });
  return (error as Error).message;
}

describe('a blip during the first load', () => {
  it.each([
    ['status 503', { status: 503 }],
    ['status 500 with an HTML page', { status: 500, type: 'text/html', body: '<p>Oops' }],
    ['an invalid envelope', { status: 200, body: '<!doctype html><p>Starting up' }],
    ['a refused connection', 'refuse'],
  ] as const)('the service starts after %s at both APIs for a second', async (_, behavior) => {
    bothUntil(1_000, behavior);
    const service = await network.start(withoutStream);
    expect(service.ready()).toBe(true);
    // Attempts at 0, 500 and 1500 ms.
    expect(Date.now()).toBeGreaterThanOrEqual(1_500);
    expect(Date.now()).toBeLessThan(1_600);
    expect(network.primary.requestTimes).toHaveLength(3);
  });

  it('before it retries, the first load waits as long as a 429 response asks', async () => {
    bothUntil(1_000, { status: 429, headers: { 'retry-after': '3' } });
    await network.start(withoutStream);
    expect(network.primary.requestTimes).toHaveLength(2);
    expect(network.primary.requestTimes[1]! - network.primary.requestTimes[0]!).toBe(3_000);
  });

  it('the first load retries without a delay that only one of the APIs asks for', async () => {
    bothUntil(400, { status: 503 });
    network.primary.behavior = { status: 429, headers: { 'retry-after': '8' } };
    await network.start(withoutStream);
    expect(Date.now()).toBeLessThan(600);
  });

  it('the service starts when one API refuses the key and the other one recovers', async () => {
    network.primary.behavior = { status: 401 };
    network.secondary.behavior = { status: 503 };
    network.at(700, () => (network.secondary.behavior = 'serve'));
    const service = await network.start(withoutStream);
    expect(service.resolvedFrom()).toBe('secondary');
  });

  it('the service starts after a blip when the random option throws', async () => {
    bothUntil(1_000, { status: 503 });
    const service = await network.start({
      ...withoutStream,
      random: () => {
        throw new Error('no entropy');
      },
    });
    expect(service.ready()).toBe(true);
  });

  it('the log reports the retries once, with the cause at each API', async () => {
    network.primary.behavior = 'refuse';
    network.secondary.behavior = { status: 503 };
    network.at(3_000, () => (network.primary.behavior = 'serve'));
    await network.start(withoutStream);
    expect(network.log.lines('warn').filter((line) => line.includes('first load'))).toEqual([
      expect.stringMatching(/retries until initTimeout\. .*ECONNREFUSED; .*status 503/),
    ]);
  });
});

describe('a first load that keeps failing', () => {
  it.each([401, 403, 404, 400, 410])(
    'startup fails immediately with status %i at both APIs',
    async (status) => {
      network.primary.behavior = network.secondary.behavior = { status };
      await expect(network.start(withoutStream)).rejects.toMatchObject({
        code: 'http_error',
        status,
        message: expect.not.stringContaining('No action is needed'),
      });
      expect(Date.now()).toBeLessThan(100);
      expect(network.primary.requestTimes).toHaveLength(1);
    },
  );

  it('the error at initTimeout counts the attempts and gives the last cause at each API', async () => {
    network.primary.behavior = { status: 503 };
    network.secondary.behavior = 'refuse';
    const error: unknown = await network.start(withoutStream).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'initialization_timeout',
      load: {
        attempts: 5,
        causes: [
          { url: primaryUrl, reason: 'status 503' },
          { url: secondaryUrl, reason: 'ECONNREFUSED' },
        ],
      },
    });
    const { message, cause } = error as Error;
    expect((cause as AggregateError).errors).toEqual([
      expect.objectContaining({ code: 'http_error', status: 503 }),
      expect.objectContaining({ code: 'network_error' }),
    ]);
    expect(message).toContain(
      `no configs after 10000 ms and 5 attempts. ${primaryUrl}: status 503`,
    );
    expect(message).not.toContain('No action is needed');
    expect(Date.now()).toBe(10_000);
  });

  it('the error at initTimeout says which API has not responded yet', async () => {
    network.primary.behavior = network.secondary.behavior = 'hang';
    await expect(network.start({ ...withoutStream, initTimeout: 1_000 })).rejects.toMatchObject({
      load: {
        attempts: 1,
        causes: [
          { url: primaryUrl, reason: 'no response yet' },
          { url: secondaryUrl, reason: 'no response yet' },
        ],
      },
    });
  });

  it.each([
    ['unreachable', 'refuse', 'Check the URL, the network, and any proxy in between.'],
    ['failing', { status: 503 }, 'Check the API, and any proxy in between.'],
    ['not an API', { status: 200, body: '<p>Login' }, 'Check the URL, and any proxy in between.'],
  ] as const)(
    'the error at initTimeout gives the remedy once, without advice to wait longer, if both APIs are %s',
    async (_, behavior, remedy) => {
      network.primary.behavior = network.secondary.behavior = behavior;
      const message = await messageOfStart();
      expect(message.split(remedy)).toHaveLength(2);
      expect(message).not.toMatch(/raise initTimeout|if this persists|no action/i);
      expect(message).toContain('set onInitFailure to "return-defaults"');
    },
  );

  it('the error at initTimeout gives the remedies of both APIs if one refuses the key and one is unreachable', async () => {
    network.primary.behavior = { status: 401 };
    network.secondary.behavior = 'refuse';
    const message = await messageOfStart();
    expect(message).toContain('Check the SDK key in the option sdkKey.');
    expect(message).toContain('Check the URL, the network, and any proxy in between.');
    expect(message).not.toContain('Raise initTimeout');
  });

  it.each([
    ['has not responded', 'hang', 1_000],
    ['times out', 'hang', 10_000],
  ] as const)(
    'the error at initTimeout advises to raise it if an API %s',
    async (_, behavior, initTimeout) => {
      network.primary.behavior = { status: 503 };
      network.secondary.behavior = behavior;
      expect(await messageOfStart({ initTimeout })).toContain('Raise initTimeout.');
    },
  );

  it('the error at initTimeout names each URL once and ends each sentence once if the envelopes are invalid', async () => {
    network.primary.behavior = { status: 200, body: '{}' };
    network.secondary.behavior = { status: 200, body: '<p>Starting up' };
    const message = await messageOfStart();
    for (const url of [primaryUrl, secondaryUrl]) expect(message.split(url)).toHaveLength(2);
    expect(message).not.toContain('..');
    expect(message).not.toContain('.;');
  });

  it('the error at initTimeout says that an envelope is too large without repeating the URL', async () => {
    network.primary.behavior = 'serve';
    network.secondary.behavior = 'refuse';
    const message = await messageOfStart({ maxEnvelopeBytes: 10 });
    expect(message.split(primaryUrl)).toHaveLength(2);
    expect(message).toContain('the envelope exceeds 10 bytes;');
    expect(message).toContain('raise maxEnvelopeBytes.');
  });

  it('the error at initTimeout stays short when both APIs respond with long pages', async () => {
    network.primary.behavior = { status: 502, body: 'Bad gateway. '.repeat(500) };
    network.secondary.behavior = { status: 502, body: 'Unavailable. '.repeat(500) };
    expect((await messageOfStart()).length).toBeLessThan(900);
  });

  it('with "return-defaults" the retries end at initTimeout, and only polls follow', async () => {
    network.primary.behavior = network.secondary.behavior = { status: 503 };
    const service = await network.start({
      enableSSE: false,
      onInitFailure: 'return-defaults',
      fallbackPollIntervalMs: 60_000,
    });
    expect(service.ready()).toBe(false);
    const before = network.primary.requestTimes.length;
    await network.until(59_000);
    // The first poll comes at once: nothing has been loaded yet.
    expect(network.primary.requestTimes.length).toBeLessThanOrEqual(before + 1);
    network.primary.behavior = 'serve';
    await network.within(140_000, () => service.ready());
  });
});
