import { type CanActivate, type ExecutionContext, ForbiddenException } from '@nestjs/common';
import { onlyThisMachine } from './inspector.messages.js';

interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
/** A proxy on this machine adds one of them for requests from elsewhere. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Allows requests from this machine: what stands in for a guard during development. The host is checked too, because a page
 * elsewhere can point a name of its own at this machine.
 */
export class LocalOnlyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers, socket } = context.switchToHttp().getRequest<HttpRequest>();
    const local =
      LOOPBACK_ADDRESS.test(socket?.remoteAddress ?? '') &&
      LOOPBACK_HOST.test(String(headers['host'])) &&
      FORWARDED.every((name) => headers[name] === undefined);
    if (!local) throw new ForbiddenException(onlyThisMachine);
    return true;
  }
}
