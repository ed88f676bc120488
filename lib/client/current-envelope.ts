import type { ConfigSource } from '../delivery/local-source.js';
import { configsBytes, configsLine, type EnvelopeMeta, type UpdateSource } from '../model/index.js';
import { givenPath } from '../sources/given-path.js';
import type { Snapshot } from '../store/index.js';

/**
 * The configs that were current when `envelope()` was called. Holding it keeps these configs in memory.
 *
 * @publicApi
 */
export class CurrentEnvelope {
  /** Version, environment and generation, as delivered. A directory has no generation, and its version names its path. */
  readonly meta: Readonly<EnvelopeMeta>;
  /** Number of configs. */
  readonly size: number;
  readonly #snapshot: Snapshot;

  /** @internal Use `QuonfigService.envelope()`. */
  constructor(
    snapshot: Snapshot,
    /** Where the configs came from; `undefined` for a service that your code fills. */
    readonly source: UpdateSource | undefined,
    /** The absolute path of the directory or file that was read; `undefined` for other sources. */
    readonly path: string | undefined,
  ) {
    this.meta = snapshot.meta;
    this.size = snapshot.size;
    this.#snapshot = snapshot;
  }

  /**
   * Returns the list of configs as JSON: `[` to `]`, in UTF-8. Configs that came over the network keep their bytes, confidential
   * values included. It yields to the event loop between slices of work.
   *
   * @returns pieces of about 100 kB; they belong to the caller
   */
  configsJson(): AsyncIterable<Uint8Array> {
    return configsBytes(this.#snapshot.storedConfigs());
  }

  /**
   * Returns the same list on one line, between two given strings, for sending it to many clients. Most configs stay the same
   * from one envelope to the next, and so do most pieces, if you pass those of the envelope before.
   *
   * @param before text before the list, for example `{"configs":`
   * @param after text after it
   * @param earlier what this method returned for another envelope of the same service; default: nothing
   * @returns pieces of up to about 500 kB, or of one larger config, to be sent one after another. Do not modify them: pieces of
   * `earlier` in which nothing has changed are among them. Line breaks between the tokens of configs became spaces
   */
  configsJsonBetween(
    before: string,
    after: string,
    earlier?: readonly Buffer[],
  ): Promise<Buffer[]> {
    return configsLine(this.#snapshot.storedConfigs(), before, after, earlier);
  }
}

interface SourceOptions {
  readonly source: ConfigSource;
  readonly datadir: string | undefined;
  readonly datafile: unknown;
}

/** The path of a local source; `undefined` for any other. */
export function pathOf({ source, datadir, datafile }: SourceOptions): string | undefined {
  if (source === 'datadir') return givenPath(datadir!).path;
  return source === 'datafile' && typeof datafile === 'string'
    ? givenPath(datafile).path
    : undefined;
}
