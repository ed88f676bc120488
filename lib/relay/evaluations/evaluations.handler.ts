import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Contexts, QuonfigService } from '../../index.js';
import { type Encoding, encodingFor, matchesEtag } from '../accept-encoding.js';
import { answer, type Exchange, refuse } from '../exchange.js';
import { Notice } from '../notices.js';
import type { RelayFeed } from '../relay-feed.js';
import { ClientConfigs } from './client-configs.js';
import { contextsIn, MAX_CONTEXT_TEXT_BYTES } from './context-text.js';
import type { RelayEvaluationOptions } from './evaluation-options.js';
import { contextsFailed } from './evaluations.messages.js';

/** Smaller bodies fit into one packet. */
const MIN_COMPRESSED_BYTES = 1_400;
/** How long a request waits for the contexts of the server, in ms. */
const CONTEXTS_MS = 10_000;

interface CachedConfigs {
  readonly installs: number;
  readonly configs: Promise<ClientConfigs>;
}

/** Serves `GET /api/v2/configs/eval-with-context/{contexts}`: what browser and mobile clients read. */
export class EvaluationsHandler {
  private readonly cache = new WeakMap<QuonfigService, CachedConfigs>();
  private readonly failures = new Notice(contextsFailed);

  /** @param path of the requests, up to the contexts */
  constructor(
    private readonly path: string,
    private readonly contextsOf: RelayEvaluationOptions['contexts'],
  ) {}

  async serve(exchange: Exchange, feed: RelayFeed): Promise<void> {
    const { pathname } = splitUrl(exchange.request.url);
    const text = pathname.slice(pathname.indexOf(this.path) + this.path.length);
    if (text.length > MAX_CONTEXT_TEXT_BYTES) {
      refuse(exchange, 414);
      return;
    }
    const given = contextsIn(text);
    if (given === undefined) {
      refuse(exchange, 400);
      return;
    }
    const contexts = await this.trusted(exchange, given);
    if (contexts === undefined) {
      refuse(exchange, 500);
      return;
    }
    await respond(exchange, JSON.stringify(await this.evaluate(feed, contexts)));
  }

  close(): void {
    this.failures.close();
  }

  /** Whoever sends a request can claim any identity, so contexts of the server replace those of the same name. */
  private async trusted({ request }: Exchange, given: Contexts): Promise<Contexts | undefined> {
    if (this.contextsOf === undefined) return given;
    try {
      return { ...given, ...(await inTime(this.contextsOf(request))) };
    } catch {
      this.failures.occurred();
      return undefined;
    }
  }

  private async evaluate(feed: RelayFeed, contexts: Contexts): Promise<object> {
    const { service } = feed;
    for (;;) {
      const installs = service.configInstallCount();
      const { version, environment = '' } = feed.current!.meta;
      const configs = await this.configsOf(service, installs);
      const evaluations = await configs.evaluate(contexts);
      // Other configs were installed meanwhile: a response never mixes the two.
      if (service.configInstallCount() !== installs) continue;
      return { evaluations, meta: { version, environment } };
    }
  }

  private configsOf(service: QuonfigService, installs: number): Promise<ClientConfigs> {
    let cached = this.cache.get(service);
    if (cached?.installs !== installs) {
      cached = { installs, configs: ClientConfigs.of(service) };
      this.cache.set(service, cached);
    }
    return cached.configs;
  }
}

/** Waits for the contexts of the server. Rejects when they are late: such a request would be open forever. */
async function inTime<T>(contexts: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), CONTEXTS_MS).unref();
  });
  try {
    return await Promise.race([contexts, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rules may depend on the time and on contexts of the server, so the ETag is that of the result. */
async function respond(exchange: Exchange, json: string): Promise<void> {
  const { headers } = exchange.request;
  const etag = `W/"${createHash('sha256').update(json).digest('base64url')}"`;
  exchange.response.appendHeader('Vary', 'Accept-Encoding, Authorization');
  const common = { etag, 'cache-control': 'private, no-cache' };
  if (matchesEtag(headers['if-none-match'], etag)) {
    answer(exchange, 304, common);
    return;
  }
  const type = { ...common, 'content-type': 'application/json' };
  const encoding = encodingFor(headers['accept-encoding']?.toString());
  if (encoding === 'identity' || json.length < MIN_COMPRESSED_BYTES) {
    answer(exchange, 200, type, json);
    return;
  }
  const body = await compressed(json, encoding);
  answer(exchange, 200, { ...type, 'content-encoding': encoding }, [body]);
}

/** Levels for bodies that are sent once. */
function compressed(json: string, encoding: Exclude<Encoding, 'identity'>): Promise<Buffer> {
  if (encoding === 'gzip') return promisify(gzip)(json, { level: 4 });
  return promisify(brotliCompress)(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
}

function splitUrl(url = ''): { pathname: string } {
  const end = url.search(/[?#]/);
  return { pathname: end === -1 ? url : url.slice(0, end) };
}
