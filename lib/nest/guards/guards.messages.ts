import { quotedName } from '../../errors/quoted-name.js';

export const requirementInvalid = (place: string): string =>
  `@RequireFlag on ${place} does not say what it requires. Pass a key, { all: […] }, { any: […] }, { not: … } or { key, equals }.`;

export const statusInvalid = (place: string, status: unknown): string =>
  `@RequireFlag on ${place} has the status ${String(status)}. Pass a whole number from 400 to 599.`;

export const requireFlagMisplaced = (place: string): string =>
  `@RequireFlag is on ${place}, which is neither a class nor a method. Move it to one.`;

export const flagUnavailable = (
  keys: readonly string[],
  reason: string,
  decision: 'deny' | 'allow',
): string =>
  `@RequireFlag cannot evaluate ${keys.map(quotedName).join(', ')}: ${reason} Meanwhile, the handlers that require it are ${
    decision === 'deny' ? 'closed' : 'open'
  }, because whenUnavailable is "${decision}".`;

export const noConfigsLoaded = 'no configs have been loaded yet.';

export const instanceMissing = (instance: string | undefined): string =>
  instance === undefined
    ? 'A handler needs Quonfig, and the application has no QuonfigModule. Import QuonfigModule.forRoot() in the root module; in a test, provide QuonfigService.'
    : `A handler needs the Quonfig instance ${quotedName(instance)}, which no module provides. Import QuonfigModule with that name, or correct the name.`;
