export const refused =
  'The server refused the stream, and the SDK stopped connecting: changes do not arrive. Correct the SDK key or URL, then restart or call reconnect().';

export const notReady =
  'No configs have been loaded yet; reads return their defaults. Check the log for why loading fails.';

export const notFollowing =
  'Changes are not followed: the stream is not connected, or the service is suspended or closed. Reads use the current configs. Check the network, or call resume().';

export const olderThanFiles =
  'The files of the workspace could not be read again, so the current configs are older than the files. Correct the file that the log names.';

export const refusedAndPolling =
  'The server refused the stream; fallback polling is active, so changes arrive later. Correct the SDK key or URL, then restart or call reconnect().';

export const fallingBack =
  'The stream is down; fallback polling is active, so changes arrive later. Check that the stream host is reachable.';

export const stale = (ageMs: number, limitMs: number): string =>
  `The configs were last confirmed current ${ageMs} ms ago; maxStalenessMs is ${limitMs}. Check the network and the API URLs.`;

export const unknownInstance = (name: string | undefined): string =>
  name === undefined
    ? 'No unnamed Quonfig service is registered. Import QuonfigModule, or pass the name of an instance to isHealthy.'
    : `No Quonfig service named "${name}" is registered. Pass the name of an imported QuonfigModule to isHealthy.`;

export const wrongStaleness = (given: unknown): string =>
  `maxStalenessMs is ${String(given)}. Pass a positive number of ms, or omit it.`;
