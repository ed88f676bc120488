import type { ExternalContextCreator } from '@nestjs/core';
import type { ApplicationContexts } from './application-contexts.js';
import { callOf } from './execution-call.js';

type Create = (...args: unknown[]) => (...args: unknown[]) => unknown;

/** The position of the transport's name among the arguments of `ExternalContextCreator.create`. */
const CONTEXT_TYPE = 8;

/**
 * Makes resolvers of GraphQL, and handlers of other transports that use Nest's guards and interceptors, run in their scopes.
 * They are created in `onModuleInit` or later, so providers come early enough.
 */
export function enterOnExternal(
  creator: ExternalContextCreator,
  application: ApplicationContexts,
): void {
  if (!application.isFirst(creator)) return;
  const create = creator.create.bind(creator) as unknown as Create;
  const entering: Create = (...settings) => {
    const handler = create(...settings);
    const type = settings[CONTEXT_TYPE];
    // Without a name there is no telling what the arguments are.
    if (typeof type !== 'string' || type === 'http') return handler;
    return (...args) => application.enter(callOf(type, args), () => handler(...args));
  };
  creator.create = entering as unknown as ExternalContextCreator['create'];
}
