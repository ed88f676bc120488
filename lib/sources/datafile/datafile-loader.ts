import { InvalidEnvelopeError } from '../../errors/index.js';
import {
  checkEnvelope,
  type Config,
  type Envelope,
  type EnvelopeMeta,
  envelopeProblem,
  inSlices,
  type LoadedEnvelope,
  loadedEnvelope,
  packConfig,
  type StoredConfig,
} from '../../model/index.js';
import { givenPath, type GivenPath } from '../given-path.js';
import { readJsonFile } from '../json-file.js';
import { fileMissing } from '../json-file.messages.js';
import {
  configUncopyable,
  correctDatafile,
  datafileOption,
  metaUncopyable,
} from './datafile-loader.messages.js';

/** Loads the envelope of a JSON file, or one that the application passes as an object. */
export class DatafileLoader {
  private readonly file: GivenPath | undefined;
  /** The object until it has been copied. */
  private object: Envelope | undefined;

  constructor(datafile: string | Envelope) {
    if (typeof datafile === 'string') this.file = givenPath(datafile);
    else this.object = datafile;
  }

  /**
   * Reads the file, or copies the object once, so that the SDK keeps no reference to the caller's data. Returns `undefined`
   * if the object has been copied before.
   *
   * @throws {WorkspaceError} `invalid_workspace`: the file cannot be read as JSON
   * @throws {InvalidEnvelopeError} `invalid_envelope`: the file or object is not an envelope
   */
  async load(): Promise<LoadedEnvelope | undefined> {
    if (this.file !== undefined) return readEnvelope(this.file);
    if (this.object === undefined) return undefined;
    const envelope = await copyEnvelope(this.object);
    this.object = undefined;
    return envelope;
  }
}

async function readEnvelope({ path, hint }: GivenPath): Promise<LoadedEnvelope> {
  const candidate = await readJsonFile(path, () => fileMissing() + hint);
  return checkEnvelope(
    candidate,
    (problem) => new InvalidEnvelopeError(path, correctDatafile(problem)),
  );
}

async function copyEnvelope(source: Envelope): Promise<LoadedEnvelope> {
  const { meta, entries } = copyOutline(source);
  const configs: StoredConfig[] = [];
  await inSlices(entries.entries(), ([index, entry]) => {
    try {
      const packed = packConfig(entry);
      configs.push((packed === entry ? jsonCopy(entry) : packed) as StoredConfig);
      rejectUnserializable(entry);
    } catch {
      throw new InvalidEnvelopeError(datafileOption(), configUncopyable(index, keyOf(entry)));
    }
  });
  return loadedEnvelope(configs, meta);
}

function copyOutline(source: Envelope): { meta: EnvelopeMeta; entries: Config[] } {
  let problem: string | undefined;
  try {
    problem = envelopeProblem(source);
    if (problem === undefined) return { meta: jsonCopy(source.meta), entries: [...source.configs] };
  } catch {
    throw new InvalidEnvelopeError(datafileOption(), metaUncopyable());
  }
  throw new InvalidEnvelopeError(datafileOption(), correctDatafile(problem));
}

/** Returns the value as if it had been parsed from JSON. Throws if JSON cannot represent it. */
function jsonCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Throws on functions and symbols, which `JSON.stringify` omits silently. Call it after `jsonCopy`, which rejects cycles. */
function rejectUnserializable(value: unknown): void {
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'function' || typeof next === 'symbol') throw new TypeError('not JSON');
    if (typeof next !== 'object' || next === null) continue;
    for (const part of Object.values(next)) pending.push(part);
  }
}

function keyOf(entry: unknown): string | undefined {
  try {
    const { key } = entry as Config;
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}
