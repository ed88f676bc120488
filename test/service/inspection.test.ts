import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { QuonfigUpdate } from '../../lib/index.js';
import { constant, EnvelopeFile, serviceWith } from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

async function serviceWithUpdate() {
  const file = new EnvelopeFile([constant('kept', 'int', 1), constant('edited', 'int', 1)]);
  const service = await serviceWith({
    datafile: file.path,
    globalContext: { server: { region: 'eu' } },
    logger: new RecordingLogger(),
  });
  const updates: QuonfigUpdate[] = [];
  service.updates$.subscribe((update) => updates.push(update));
  file.set([constant('edited', 'int', 2), constant('new', 'int', 1)]);
  await service.refresh();
  return { service, update: updates[0]! };
}

const SHOWN = {
  source: 'datafile',
  version: 'v2',
  environment: 'production',
  generation: 0,
  added: ['new'],
  changed: ['edited'],
  removed: ['kept'],
};

describe('an update that is logged', () => {
  it('inspect shows the public properties of an update with their values', async () => {
    const { update } = await serviceWithUpdate();
    const text = inspect(update);
    expect(text.split(' ')[0]).toBe(update.constructor.name);
    for (const line of ["version: 'v2'", "added: [ 'new' ]", "changed: [ 'edited' ]"]) {
      expect(text).toContain(line);
    }
    expect(text).not.toMatch(/snapshots|computed|Getter/);
    expect(inspect({ nested: { update } }, { depth: 0 })).toBe('{ nested: [Object] }');
    expect(inspect([[update]], { depth: 1 })).toContain(`[${update.constructor.name}]`);
  });

  it('the JSON and a spread copy of an update contain its public properties and nothing else', async () => {
    const { update } = await serviceWithUpdate();
    const { installedAt } = update;
    expect({ ...update }).toEqual({ ...SHOWN, installedAt });
    expect(JSON.parse(JSON.stringify(update))).toEqual({
      ...SHOWN,
      installedAt: installedAt.toISOString(),
    });
    expect(structuredClone({ ...update })).toEqual({ ...SHOWN, installedAt });
  });
});

describe('a service that is logged', () => {
  it('a service shows its health in inspect and JSON', async () => {
    const { service } = await serviceWithUpdate();
    const { ageMs: _, ...health } = service.health();
    expect(JSON.parse(JSON.stringify(service))).toMatchObject(health);
    const text = inspect(service);
    expect(text).toMatch(/^QuonfigService \{/);
    expect(text).toContain("version: 'v2'");
    expect(text).toContain("environment: 'production'");
    expect(text).not.toMatch(/reads|tier|delivery:|diagnosed|isolated/);
  });

  it('inspect and JSON of a bound reader show its configs and the names of its contexts', async () => {
    const { service } = await serviceWithUpdate();
    const bound = service.withContext({ user: { email: 'anna@example.com' } });
    const shown = { version: 'v2', environment: 'production', contexts: ['user', 'server'] };
    expect(JSON.parse(JSON.stringify(bound))).toEqual(shown);
    const text = inspect(bound, { depth: 9, showHidden: true, breakLength: Infinity });
    expect(text).toMatch(
      /^BoundQuonfig \{ version: 'v2', environment: 'production', contexts: \[ 'user', 'server'/,
    );
    expect(text).not.toContain('anna@example.com');
  });

  it('inspect and JSON of a live value show its key', async () => {
    const { service } = await serviceWithUpdate();
    const live = service.live('edited');
    expect(inspect({ live }, { getters: true })).toBe(
      `{ live: ${live.constructor.name} { key: 'edited' } }`,
    );
    expect(JSON.stringify({ live })).toBe('{"live":{"key":"edited"}}');
    expect(live.value).toBe(2);
  });
});
