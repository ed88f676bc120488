import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { QuonfigProvider } from '../../lib/openfeature/index.js';
import { constant, EnvelopeFile, serviceOf, serviceWith } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { newDomain, recordEvents, typesOf } from './support/client.js';

const { Ready, ConfigurationChanged } = ProviderEvents;

afterEach(() => OpenFeature.clearProviders());

const nameIs = (name: string) => constant('name', 'string', name);

async function fromFile(name: string) {
  const file = new EnvelopeFile([nameIs(name)]);
  const service = await serviceWith({ datafile: file.path, logger: new RecordingLogger() });
  const rename = (next: string): Promise<void> => {
    file.set([nameIs(next)]);
    return service.refresh();
  };
  return { service, rename, provider: new QuonfigProvider(service) };
}

describe('several providers', () => {
  it('domains of two services evaluate and emit independently', async () => {
    const main = await fromFile('main');
    const billing = await fromFile('billing');
    const domain = newDomain();
    await OpenFeature.setProviderAndWait(main.provider);
    await OpenFeature.setProviderAndWait(domain, billing.provider);
    const ofMain = OpenFeature.getClient();
    const ofBilling = OpenFeature.getClient(domain);
    expect(await ofMain.getStringValue('name', '')).toBe('main');
    expect(await ofBilling.getStringValue('name', '')).toBe('billing');

    const mainEvents = recordEvents(ofMain);
    const billingEvents = recordEvents(ofBilling);
    await billing.rename('invoices');
    expect(typesOf(mainEvents)).toEqual([Ready]);
    expect(typesOf(billingEvents)).toEqual([Ready, ConfigurationChanged]);
    expect(billingEvents[1]!.details.domain).toBe(domain);
    expect(await ofBilling.getStringValue('name', '')).toBe('invoices');
    expect(await ofMain.getStringValue('name', '')).toBe('main');
  });

  it('one provider serves two domains', async () => {
    const { provider, rename } = await fromFile('one');
    const domains = [newDomain(), newDomain()];
    for (const domain of domains) await OpenFeature.setProviderAndWait(domain, provider);
    const clients = domains.map((domain) => OpenFeature.getClient(domain));
    const events = clients.map(recordEvents);
    await rename('two');
    expect(events.map(typesOf)).toEqual([
      [Ready, ConfigurationChanged],
      [Ready, ConfigurationChanged],
    ]);
    for (const client of clients) expect(await client.getStringValue('name', '')).toBe('two');
  });

  it('setting the same provider twice changes nothing', async () => {
    const { provider, rename } = await fromFile('one');
    const domain = newDomain();
    await OpenFeature.setProviderAndWait(domain, provider);
    await OpenFeature.setProviderAndWait(domain, provider);
    const events = recordEvents(OpenFeature.getClient(domain));
    await rename('two');
    expect(typesOf(events)).toEqual([Ready, ConfigurationChanged]);
  });

  it('a second provider on the same service replaces the first, which emits nothing more', async () => {
    const { service, provider: first, rename } = await fromFile('one');
    const domain = newDomain();
    await OpenFeature.setProviderAndWait(domain, first);
    const fromFirst: unknown[] = [];
    first.events.addHandler(ConfigurationChanged, (details) => void fromFirst.push(details));
    await OpenFeature.setProviderAndWait(domain, new QuonfigProvider(service));
    const events = recordEvents(OpenFeature.getClient(domain));
    await rename('two');
    expect(fromFirst).toEqual([]);
    expect(typesOf(events)).toEqual([Ready, ConfigurationChanged]);
  });

  it('a provider that was replaced can be set again', async () => {
    const { service, provider, rename } = await fromFile('one');
    const domain = newDomain();
    await OpenFeature.setProviderAndWait(domain, provider);
    await OpenFeature.setProviderAndWait(domain, new QuonfigProvider(service));
    await OpenFeature.setProviderAndWait(domain, provider);
    const events = recordEvents(OpenFeature.getClient(domain));
    await rename('two');
    expect(typesOf(events)).toEqual([Ready, ConfigurationChanged]);
  });

  it('a provider that is initialized twice emits each event once', async () => {
    const { provider, rename } = await fromFile('one');
    await provider.initialize();
    await provider.initialize();
    let events = 0;
    provider.events.addHandler(ConfigurationChanged, () => void events++);
    await rename('two');
    expect(events).toBe(1);
  });

  it('OpenFeature.close() and clearProviders() leave the service open', async () => {
    const { service, provider, rename } = await fromFile('one');
    await OpenFeature.setProviderAndWait(newDomain(), provider);
    await OpenFeature.setProviderAndWait(newDomain(), provider);
    await OpenFeature.close();
    await OpenFeature.clearProviders();
    expect(service.connectionState()).toBe('connected');
    await rename('two');
    expect(service.getString('name')).toBe('two');
  });

  it('setProvider() without waiting is ready before the next turn of the event loop', async () => {
    const service = await serviceOf([nameIs('one')]);
    const domain = newDomain();
    OpenFeature.setProvider(domain, new QuonfigProvider(service));
    const client = OpenFeature.getClient(domain);
    expect(client.providerStatus).toBe(ProviderStatus.NOT_READY);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await client.getStringValue('name', '')).toBe('one');
  });
});
