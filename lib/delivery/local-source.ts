import type { Envelope, LoadedEnvelope } from '../model/index.js';
import { DatadirLoader } from '../sources/datadir/datadir-loader.js';
import { layoutFindings } from '../sources/datadir/workspace-hints.js';
import { DatafileLoader } from '../sources/datafile/datafile-loader.js';
import { givenPath } from '../sources/given-path.js';

/** Where configs come from. */
export type ConfigSource = 'network' | 'datadir' | 'datafile' | 'memory';

/** A source of local configs. */
export interface LocalSource {
  readonly kind: 'datadir' | 'datafile';
  /** The directory or file, for messages. */
  readonly origin: string;
  /** Resolves with `undefined` if the source cannot have changed since it was last read. */
  load(): Promise<LoadedEnvelope | undefined>;
  /** Returns one message per directory that was probably meant to be read. */
  layoutFindings(isEmpty: boolean): Promise<readonly string[]>;
}

export interface LocalSettings {
  /** Decides which of the next two is set. */
  readonly source: ConfigSource;
  readonly datadir: string | undefined;
  readonly datafile: string | Envelope | undefined;
  /** Applies to `datadir`. */
  readonly environment: string | undefined;
}

export function localSource(settings: LocalSettings): LocalSource {
  const { source, datadir, datafile, environment } = settings;
  if (source === 'datadir') {
    const loader = new DatadirLoader(datadir!, environment);
    const origin = givenPath(datadir!).path;
    return {
      kind: 'datadir',
      origin,
      load: () => loader.load(),
      layoutFindings: (isEmpty) => layoutFindings(origin, isEmpty),
    };
  }
  const loader = new DatafileLoader(datafile!);
  const origin = typeof datafile === 'string' ? givenPath(datafile).path : 'the option "datafile"';
  return {
    kind: 'datafile',
    origin,
    load: () => loader.load(),
    layoutFindings: () => Promise.resolve([]),
  };
}
