import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { resolveOptions } from '../../lib/options/index.js';
import { createParts } from '../../lib/client/parts.js';
import { StateRelay } from '../../lib/delivery/state-relay.js';
import { envelopeOf } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { connectTo, optionsFor, serve, until } from '../support/networked.js';

const first = envelopeOf({ generation: 1, values: { greeting: 'hello' } });

function heardFrom(relay: StateRelay<string>): string[] {
  const heard: string[] = [];
  relay.subscribe({ next: (state) => heard.push(state), complete: () => heard.push('(end)') });
  return heard;
}

describe('A relay of states', () => {
  it('tells everybody the same in the same order, when one acts on a state at once', () => {
    const relay = new StateRelay('off');
    const before = heardFrom(relay);
    relay.subscribe((state) => {
      if (state !== 'on') return;
      relay.next('broken');
      relay.next('off');
    });
    const after = heardFrom(relay);
    relay.next('on');
    expect(before).toEqual(['off', 'on', 'broken', 'off']);
    expect(after).toEqual(before);
  });

  it('tells a subscriber that acts on the state it finds what came of it afterwards', () => {
    const relay = new StateRelay('on');
    const heard: string[] = [];
    relay.subscribe((state) => {
      if (state === 'on') relay.next('off');
      heard.push(state);
    });
    expect(heard).toEqual(['on', 'off']);
  });

  it('tells no state twice, also when it comes again while it is told', () => {
    const relay = new StateRelay('off');
    relay.subscribe((state) => relay.next(state));
    const heard = heardFrom(relay);
    relay.next('off');
    relay.next('on');
    relay.next('on');
    expect(heard).toEqual(['off', 'on']);
  });

  it('tells whoever comes while a state is told that state, and those after it, once', () => {
    const relay = new StateRelay('off');
    let late: string[] = [];
    relay.subscribe((state) => {
      if (state !== 'on') return;
      relay.next('off');
      late = heardFrom(relay);
    });
    relay.next('on');
    expect(late).toEqual(['on', 'off']);
  });

  it('tells of its end last, and to whoever comes later the state and the end', () => {
    const relay = new StateRelay('off');
    relay.subscribe((state) => {
      if (state !== 'on') return;
      relay.next('off');
      relay.complete();
      relay.next('never');
    });
    const heard = heardFrom(relay);
    relay.next('on');
    expect(heard.slice(0, 3)).toEqual(['off', 'on', 'off']);
    expect(heard.at(-1)).toBe('(end)');
    expect(heardFrom(relay).at(-1)).toBe('(end)');
  });

  it('without a first state tells only what comes', () => {
    const relay = new StateRelay<string>();
    relay.next('on');
    const heard = heardFrom(relay);
    relay.next('off');
    relay.complete();
    expect(heard).toEqual(['off', '(end)']);
    expect(heardFrom(relay)).toEqual(['(end)']);
  });
});

describe('streamState$', () => {
  it('leaves every subscriber with the state there is, when one suspends the delivery on "connected"', async () => {
    const server = await serve({ envelope: first });
    const options = resolveOptions(optionsFor(server, { logger: new RecordingLogger() }), {});
    const { delivery } = createParts(options);
    onTestFinished(() => delivery.close());
    delivery.streamState$.subscribe((state) => {
      if (state === 'connected') delivery.suspend();
    });
    const heard: string[] = [];
    delivery.streamState$.subscribe((state) => heard.push(state));
    await delivery.load();
    delivery.start();
    await until(() => expect(heard).toContain('disconnected'));
    expect(heard).toEqual(['connecting', 'connected', 'disconnected']);
  });
});

describe('connectionState$', () => {
  it('leaves every subscriber with the state there is, when one suspends the service on "connected"', async () => {
    const server = await serve({ envelope: first });
    const { service } = await connectTo(server);
    service.connectionState$.subscribe((state) => {
      if (state === 'connected') service.suspend();
    });
    const heard: string[] = [];
    service.connectionState$.subscribe((state) => heard.push(state));
    await until(() => expect(heard).toContain('connected'));
    expect(service.connectionState()).toBe('disconnected');
    expect(heard.slice(-2)).toEqual(['connected', 'disconnected']);
  });

  it('does so for files, too', async () => {
    const service = await QuonfigService.create({ datafile: first, logger: new RecordingLogger() });
    onTestFinished(() => service.close());
    service.suspend();
    service.connectionState$.subscribe((state) => {
      if (state === 'connected') service.suspend();
    });
    const heard: string[] = [];
    service.connectionState$.subscribe((state) => heard.push(state));
    await service.resume();
    expect(heard).toEqual(['disconnected', 'connected', 'disconnected']);
  });

  it('gives whoever comes after close() the last state and the end', async () => {
    const server = await serve({ envelope: first });
    const { service: networked } = await connectTo(server);
    const local = await QuonfigService.create({ datafile: first, logger: new RecordingLogger() });
    for (const service of [networked, local]) {
      await service.close();
      const heard: string[] = [];
      service.connectionState$.subscribe({
        next: (state) => heard.push(state),
        complete: () => heard.push('(end)'),
      });
      expect(heard).toEqual(['disconnected', '(end)']);
    }
  });
});
