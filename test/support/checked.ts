import { InvalidEnvelopeError } from '../../lib/errors/index.js';
import { checkEnvelope, type LoadedEnvelope } from '../../lib/model/index.js';

/** An envelope as a source would return it. Throws `InvalidEnvelopeError` when it is malformed. */
export function checked(envelope: unknown): LoadedEnvelope {
  return checkEnvelope(envelope, (problem) => new InvalidEnvelopeError('the test', problem));
}
