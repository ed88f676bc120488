import { cutName, quotedName } from '../errors/quoted-name.js';

export const malformedDuration = (): string =>
  'the duration is malformed, so it counts as no value. Use ISO 8601, e.g. PT1H30M.';

export const notANumber = (type: string): string =>
  type === 'int'
    ? 'the value of type int is not a whole number from -(2^53 - 1) to 2^53 - 1, so reads fail. Use e.g. "42", or type string for larger numbers.'
    : `the value of type ${type} is not a number, so reads fail. Use e.g. "42".`;

export const unknownOperator = (operator: string): string =>
  `the operator ${quotedName(operator)} is unknown, so the criterion never matches. Correct it.`;

export const segmentNotNamed = (): string =>
  'the criterion names no segment, so no context is in it. Set valueToMatch to the key of a segment.';

export const unknownSegment = (segment: string): string =>
  `the segment ${quotedName(segment)} is unknown, so no context is in it. Add the segment, or correct the key.`;

export const segmentCycle = (path: readonly string[]): string =>
  `segments refer to each other in a cycle (${chain(path)}); the reference that closes it counts as not found. Break the cycle.`;

export const missingKeyConfig = (keyConfig: string): string =>
  `the key config ${quotedName(keyConfig)} is unknown, so the value cannot be decrypted. Add it, or correct decryptWith.`;

export const decryptionCycle = (path: readonly string[]): string =>
  `decryptWith forms a cycle (${chain(path)}), so the value cannot be decrypted. Break the cycle.`;

const MAX_CHAIN = 8;

function chain(path: readonly string[]): string {
  if (path.length <= MAX_CHAIN) return path.map(cutName).join(' -> ');
  const start = path.slice(0, MAX_CHAIN / 2).map(cutName);
  const end = path.slice(-MAX_CHAIN / 2).map(cutName);
  return [...start, `(${path.length - MAX_CHAIN} more)`, ...end].join(' -> ');
}
