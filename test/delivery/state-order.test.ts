import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { StateRelay } from '../../lib/delivery/state-relay.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { connectTo, optionsFor, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });

function statesOf(relay: StateRelay<string>): string[] {
  const received: string[] = [];
  relay.subscribe({
    next: (state) => received.push(state),
    complete: () => received.push('(end)'),
  });
  return received;
}

describe('StateRelay', () => {
  it('the relay delivers the same order to every subscriber, even if one of them changes the state', () => {
    const relay = new StateRelay('off');
    const before = statesOf(relay);
    relay.subscribe((state) => {
      if (state !== 'on') return;
      relay.next('broken');
      relay.next('off');
    });
    const after = statesOf(relay);
    relay.next('on');
    expect(before).toEqual(['off', 'on', 'broken', 'off']);
    expect(after).toEqual(before);
  });

  it('the relay delivers the resulting state to a subscriber that changes its initial state', () => {
    const relay = new StateRelay('on');
    const received: string[] = [];
    relay.subscribe((state) => {
      if (state === 'on') relay.next('off');
      received.push(state);
    });
    expect(received).toEqual(['on', 'off']);
  });

  it('the relay never delivers a state twice in a row, even if it is repeated during delivery', () => {
    const relay = new StateRelay('off');
    relay.subscribe((state) => relay.next(state));
    const received = statesOf(relay);
    relay.next('off');
    relay.next('on');
    relay.next('on');
    expect(received).toEqual(['off', 'on']);
  });

  it('the relay delivers the current state and later ones once to a subscriber added during delivery', () => {
    const relay = new StateRelay('off');
    let late: string[] = [];
    relay.subscribe((state) => {
      if (state !== 'on') return;
      relay.next('off');
      late = statesOf(relay);
    });
    relay.next('on');
    expect(late).toEqual(['on', 'off']);
  });

  it('the relay delivers its completion last, also to late subscribers', () => {
    const relay = new StateRelay('off');
    relay.subscribe((state) => {
      if (state !== 'on') return;
      relay.next('off');
      relay.complete();
      relay.next('never');
    });
    const received = statesOf(relay);
    relay.next('on');
    expect(received.slice(0, 3)).toEqual(['off', 'on', 'off']);
    expect(received.at(-1)).toBe('(end)');
    expect(statesOf(relay).at(-1)).toBe('(end)');
  });

  it('a relay without an initial state delivers only later states', () => {
    const relay = new StateRelay<string>();
    relay.next('on');
    const received = statesOf(relay);
    relay.next('off');
    relay.complete();
    expect(received).toEqual(['off', '(end)']);
    expect(statesOf(relay)).toEqual(['(end)']);
  });
});

describe('streamState$', () => {
  it('streamState$ ends in the same state for every subscriber, even if one suspends the delivery', async () => {
    const server = await serve({ envelope: first });
    const options = resolveOptions(optionsFor(server, { logger: new RecordingLogger() }), {});
    const { delivery } = createParts(options);
    onTestFinished(() => delivery.close());
    delivery.streamState$.subscribe((state) => {
      if (state === 'connected') delivery.suspend();
    });
    const received: string[] = [];
    delivery.streamState$.subscribe((state) => received.push(state));
    await delivery.load();
    delivery.start();
    await until(() => expect(received).toContain('disconnected'));
    expect(received).toEqual(['connecting', 'connected', 'disconnected']);
  });
});

describe('connectionState$', () => {
  it('connectionState$ ends in the same state for every subscriber, even if one suspends the service', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    service.connectionState$.subscribe((state) => {
      if (state === 'connected') service.suspend();
    });
    const received: string[] = [];
    service.connectionState$.subscribe((state) => received.push(state));
    await until(() => expect(received).toContain('connected'));
    expect(service.connectionState()).toBe('disconnected');
    expect(received.slice(-2)).toEqual(['connected', 'disconnected']);
  });

  it('connectionState$ delivers local states in order, even if a subscriber suspends the service', async () => {
    const service = await QuonfigService.create({ datafile: first, logger: new RecordingLogger() });
    onTestFinished(() => service.close());
    service.suspend();
    service.connectionState$.subscribe((state) => {
      if (state === 'connected') service.suspend();
    });
    const received: string[] = [];
    service.connectionState$.subscribe((state) => received.push(state));
    await service.resume();
    expect(received).toEqual(['disconnected', 'connected', 'disconnected']);
  });

  it('connectionState$ delivers the last state and completes for subscribers after close()', async () => {
    const server = await serve({ envelope: first });
    const { service: networked } = await connectTo(server);
    const local = await QuonfigService.create({ datafile: first, logger: new RecordingLogger() });
    for (const service of [networked, local]) {
      await service.close();
      const received: string[] = [];
      service.connectionState$.subscribe({
        next: (state) => received.push(state),
        complete: () => received.push('(end)'),
      });
      expect(received).toEqual(['disconnected', '(end)']);
    }
  });
});
