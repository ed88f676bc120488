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
   * Returns the same list on one line, in one buffer, between two given strings: faster than joining the pieces.
   *
   * @param before text before the list, for example `{"configs":`
   * @param after text after it
   * @returns a buffer that belongs to the caller; line breaks between the tokens of the configs became spaces
   */
  configsJsonBetween(before: string, after: string): Promise<Buffer> {
    return configsLine(this.#snapshot.storedConfigs(), before, after);
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
