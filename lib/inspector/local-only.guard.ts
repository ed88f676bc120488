import { type CanActivate, type ExecutionContext, ForbiddenException } from '@nestjs/common';
import { onlyThisMachine } from './inspector.messages.js';

interface HttpRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket?: { readonly remoteAddress?: string | undefined };
  readonly httpVersion?: string;
  /** The request of Node, on Fastify. */
  readonly raw?: HttpRequest;
}

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
/** A proxy or tunnel on this machine adds at least one of them for requests from elsewhere. */
const FORWARDED =
  /^(forwarded|via|x-forwarded(-.*)?|x-(real|client|original|cluster-client)-.*|x-envoy-.*|cf-.*|true-client-ip)$/;

/**
 * Allows requests from this machine: what stands in for a guard during development. The host is checked too, because a page
 * elsewhere can point a name of its own at this machine.
 */
export class LocalOnlyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const { headers, socket } = request;
    const local =
      LOOPBACK_ADDRESS.test(socket?.remoteAddress ?? '') &&
      LOOPBACK_HOST.test(String(headers['host'])) &&
      !Object.keys(headers).some((name) => FORWARDED.test(name)) &&
      // What nginx speaks unless told otherwise, without any of those headers. No browser does.
      (request.raw ?? request).httpVersion !== '1.0';
    if (!local) throw new ForbiddenException(onlyThisMachine);
    return true;
  }
}
