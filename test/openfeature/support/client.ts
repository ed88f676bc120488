import {
  type Client,
  type EventDetails,
  OpenFeature,
  type Provider,
  ProviderEvents,
  type ServerProviderEvents,
} from '@openfeature/server-sdk';
import { onTestFinished } from 'vitest';
import type { QuonfigModuleOptions } from '../../../lib/index.js';
import { QuonfigProvider, type QuonfigProviderOptions } from '../../../lib/openfeature/index.js';
import { serviceOf } from '../../support/configs.js';

let domains = 0;

/** A domain that no other test uses: the OpenFeature API is shared by all tests of a file. */
export function newDomain(): string {
  return `domain-${++domains}`;
}

/** Sets a provider for a domain of its own, waits until it is ready, and returns a client of it. */
export async function clientOf(provider: Provider): Promise<Client> {
  const domain = newDomain();
  onTestFinished(() => OpenFeature.clearProviders());
  await OpenFeature.setProviderAndWait(domain, provider);
  return OpenFeature.getClient(domain);
}

/** A client that evaluates with a service of these configs. */
export async function clientFor(
  configs: unknown[],
  options: QuonfigProviderOptions = {},
  serviceOptions: QuonfigModuleOptions = {},
): Promise<Client> {
  return clientOf(new QuonfigProvider(await serviceOf(configs, serviceOptions), options));
}

/** An event, as a handler received it. */
export interface ReceivedEvent {
  readonly type: ServerProviderEvents;
  readonly details: EventDetails;
}

/** Records the events of a client from now on. A handler for the current state runs immediately. */
export function recordEvents(client: Client): ReceivedEvent[] {
  const events: ReceivedEvent[] = [];
  for (const type of Object.values(ProviderEvents)) {
    client.addHandler(type as ProviderEvents.Ready, (details) => {
      events.push({ type, details: details as EventDetails });
    });
  }
  return events;
}

export function typesOf(events: readonly ReceivedEvent[]): string[] {
  return events.map(({ type }) => type);
}
