export const refused =
  'The stream is refused and not asked again: changes do not arrive. Correct the key or the address, then restart or call reconnect().';

export const notReady = 'No configs have been loaded yet: reads give their defaults.';

export const notFollowing =
  'Changes are not followed: the stream is not connected, or the service is suspended or closed. Reads go on with the configs held.';

export const refusedAndPolling =
  'The stream is refused and polls take its place. Correct the key or the address, then restart or call reconnect().';

export const fallingBack =
  'The stream is down and polls take its place: changes arrive later. Check that its host can be reached.';

export const stale = (ageMs: number, limitMs: number): string =>
  `The configs were last known to be current ${ageMs} ms ago, and ${limitMs} ms are accepted. Check network and addresses.`;

export const unknownInstance = (name: string | undefined): string =>
  name === undefined
    ? 'There is no Quonfig service without a name. Import QuonfigModule, or give isHealthy the name of an instance.'
    : `There is no Quonfig service named "${name}". Give isHealthy the name that a QuonfigModule was imported with.`;

export const wrongStaleness = (given: unknown): string =>
  `maxStalenessMs is ${String(given)}: give a positive number of ms, or leave it out.`;
