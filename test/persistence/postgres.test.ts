import { KeyvPostgres } from '@keyv/postgres';
import { Keyv as Keyv6 } from 'keyv-6';
import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, serve, until } from '../support/networked.js';
import { hasPostgres, PostgresServer } from '../support/postgres.js';
import { disconnectedLater, greetingSavedIn, saveTo, versions } from './support/keyvs.js';

describe.runIf(hasPostgres)('PostgreSQL as a store', { timeout: 60_000 }, () => {
  // As the documentation advises.
  const adapterOf = ({ url }: PostgresServer) => new KeyvPostgres({ uri: url, maxUses: 1 });

  it.each(versions)(
    'a process starts from what another one saved through Keyv %s in PostgreSQL',
    async (_, newKeyv) => {
      const postgres = await PostgresServer.start();
      const keyvOn = () => disconnectedLater(newKeyv(adapterOf(postgres)));
      await saveTo(keyvOn());
      expect(await greetingSavedIn(keyvOn())).toBe('saved');
    },
  );

  it('a PostgreSQL server that is killed and restarted causes one warning and is used again', async () => {
    const postgres = await PostgresServer.start();
    const keyvOn = () => disconnectedLater(new Keyv6(adapterOf(postgres)));
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'one' } }) });
    const { service, log } = await connectTo(server, { persistence: { store: keyvOn() } });
    await until(() => expect(service.metrics().persistence!.writes).toBe(1));
    await postgres.kill();
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'two' } }));
    await until(() => expect(service.getString('greeting')).toBe('two'));
    await until(() => expect(service.metrics().persistence!.failedWrites).toBe(1));
    await postgres.restart();
    server.publish(envelopeOf({ generation: 3, values: { greeting: 'three' } }));
    await until(() => expect(service.getString('greeting')).toBe('three'));
    await service.close();
    expect(log.lines('warn').filter((line) => line.includes('Saving configs'))).toHaveLength(1);
    expect(log.text).not.toContain('hunter2');
    expect(await greetingSavedIn(keyvOn())).toBe('three');
  });
});
