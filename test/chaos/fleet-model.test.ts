import { describe, expect, it } from 'vitest';
import { ModelClient, ModelServer } from '../../bench/src/fleet-model.mjs';
import { VirtualClock } from '../../bench/src/virtual-clock.mjs';
import { reconnectDelay } from '../../lib/requests/reconnect-delay.js';
import { nextStep } from '../../lib/sources/poll/poll-step.js';
import { envelopeOf } from '../support/delivery-server.js';
import { VirtualNetwork } from './support/virtual-network.js';

const MINUTE = 60_000;
const OUTAGE_START = 90_000;
const OUTAGE_END = OUTAGE_START + 10 * MINUTE;
const END = OUTAGE_END + 5 * MINUTE;

/** The number of requests in each second that has any. */
type Requests = Record<number, number>;

function bySecond(times: readonly number[]): Requests {
  const requests: Requests = {};
  for (const time of times) {
    const second = Math.floor(time / 1_000);
    requests[second] = (requests[second] ?? 0) + 1;
  }
  return requests;
}

/** The requests of the real client when stream and API are down for ten minutes. */
async function realRequests(): Promise<Requests> {
  const network = new VirtualNetwork();
  const { primary, stream } = network;
  await network.start({ apiUrls: ['http://primary.test'] });
  network.at(OUTAGE_START, () => {
    stream.inject({ refuse: true });
    primary.behavior = 'refuse';
  });
  network.at(OUTAGE_END, () => {
    network.publish(envelopeOf({ generation: 2 }));
    stream.inject({});
    primary.behavior = 'serve';
  });
  await network.until(END);
  expect(network.service.heldGeneration()).toBe(2);
  return bySecond([...stream.requestTimes, ...primary.requestTimes]);
}

/** The requests of a modeled client in the same outage. */
function modeledRequests(): Requests {
  const clock = new VirtualClock();
  const immediate = { roundTripMs: 0, bytesPerMs: Infinity, requestMs: 0 };
  const server = new ModelServer(clock, immediate, 1_000);
  server.generation = 1;
  const policy = { reconnectDelay, nextStep, fallbackPollIntervalMs: MINUTE };
  const client = new ModelClient(clock, policy, () => 0.5, server);
  client.load();
  clock.runUntil(OUTAGE_START);
  server.goDown();
  clock.runUntil(OUTAGE_END);
  server.publish(2);
  server.goUp();
  clock.runUntil(END);
  expect(client.generation).toBe(2);
  return { ...server.requestsPerSecond };
}

describe('the model behind docs/scale.md', () => {
  it('a modeled client makes its requests in the same seconds as the real client', async () => {
    const real = await realRequests();
    expect(Object.keys(real).length).toBeGreaterThan(30);
    expect(modeledRequests()).toEqual(real);
  });
});
