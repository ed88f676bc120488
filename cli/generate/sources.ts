import { MisuseError } from '../command.errors.js';
import { documentsOf } from '../documents/documents.js';
import type { Terminal } from '../terminal.js';
import { readWithProgress } from '../workspace/read-with-progress.js';
import { sdkKeyMissing } from './generate.messages.js';
import type { SourceDocument } from './typed-config.js';

/** Where the documents come from. */
export interface DocumentSource {
  /** The directory, or what else to call it. */
  readonly name: string;
  read(): Promise<SourceDocument[]>;
}

/** The files of a workspace. */
export function workspaceSource(datadir: string, terminal: Terminal): DocumentSource {
  return {
    name: datadir,
    async read() {
      return documentsOf(readWithProgress(datadir, terminal));
    },
  };
}

/** The configs that an environment delivers: without descriptions and schemas, and with the rules of that environment only. */
export function liveSource(apiUrl: string | undefined, env = process.env): DocumentSource {
  const sdkKey = env['QUONFIG_BACKEND_SDK_KEY'];
  if (!sdkKey) throw new MisuseError(sdkKeyMissing());
  return {
    name: 'the environment of QUONFIG_BACKEND_SDK_KEY',
    async read() {
      const { QuonfigService } = await import('nestjs-quonfig');
      const quonfig = await QuonfigService.create({
        sdkKey,
        ...(apiUrl !== undefined && { apiUrls: [apiUrl] }),
        ...NOTHING_ELSE,
      });
      try {
        return quonfig.keys().map((key) => ({ content: { ...quonfig.rawConfig(key) } }));
      } finally {
        await quonfig.close();
      }
    },
  };
}

/** One load: nothing is followed, reported or logged. */
const NOTHING_ELSE = {
  enableSSE: false,
  fallbackPollEnabled: false,
  enableQuonfigUserContext: false,
  contextUploadMode: 'none',
  collectEvaluationSummaries: false,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
} as const;
