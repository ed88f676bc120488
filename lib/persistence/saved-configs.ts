import { checkEnvelope, type LoadedEnvelope, parseEnvelope } from '../model/index.js';
import type { EncryptionKey } from './encryption-key.js';
import { contentDamaged, contentInvalid, contentTooOld } from './persistence.messages.js';
import { envelopeIn, headerOf, UnusableDocumentError } from './saved-document.js';

/** Configs that were saved, ready to install. */
export interface SavedConfigs {
  readonly envelope: LoadedEnvelope;
  /** When they were last known to be current. */
  readonly savedAt: Date;
}

/** What saved configs must comply with. */
export interface SavedConfigsLimits {
  /** Hash of the SDK key. */
  readonly owner: string;
  readonly maxAge: number | undefined;
  readonly encryptionKey: EncryptionKey | undefined;
  /** Maximum size of an envelope. */
  readonly maxBytes: number;
}

/**
 * Decodes a document.
 *
 * @throws {UnusableDocumentError} if it is not usable
 */
export async function savedConfigsIn(
  document: string,
  { owner, maxAge, encryptionKey, maxBytes }: SavedConfigsLimits,
): Promise<SavedConfigs> {
  const header = headerOf(document, owner);
  // A clock that was set back must not make configs look younger than new.
  const savedAt = new Date(Math.min(Date.parse(header.savedAt), Date.now()));
  if (maxAge !== undefined && Date.now() - savedAt.getTime() > maxAge) {
    throw new UnusableDocumentError(contentTooOld(savedAt, maxAge));
  }
  const bytes = await envelopeIn(document, header, encryptionKey, maxBytes);
  let candidate: unknown;
  try {
    candidate = await parseEnvelope([bytes]);
  } catch {
    throw new UnusableDocumentError(contentDamaged);
  }
  const envelope = checkEnvelope(
    candidate,
    (problem) => new UnusableDocumentError(contentInvalid(problem)),
  );
  const { version, environment, generation = 0 } = envelope.meta;
  // Larger numbers are inexact, and no envelope of the network could follow.
  if (generation > Number.MAX_SAFE_INTEGER) {
    throw new UnusableDocumentError(contentInvalid('"meta.generation" is too large a number'));
  }
  const isConsistent =
    header.version === version &&
    header.environment === environment &&
    header.generation === generation;
  if (!isConsistent) throw new UnusableDocumentError(contentDamaged);
  return { envelope, savedAt };
}
