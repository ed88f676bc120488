import type { Contexts, ContextSource } from 'nestjs-quonfig';
import { users } from './users.js';

/** The option `context`: who is asking, on every transport. */
export function contextsOf(source: ContextSource): Contexts | undefined {
  const user = users.find(({ id }) => id === userIdOf(source));
  return user && { user: { key: user.id, plan: user.plan, country: user.country } };
}

/** Clients simply name their user here; sample 03 authenticates them. */
function userIdOf(source: ContextSource): unknown {
  switch (source.type) {
    case 'http':
      return source.request.headers['x-user'];
    case 'graphql':
      // A subscription. Mercurius adds the parameters of the connection to the headers of its request.
      return source.request.headers['x-user'];
    case 'rpc':
      return source.data.user;
    case 'ws':
      return source.client.handshake.auth.user;
    default:
      return undefined;
  }
}
