import { STATUS_CODES } from 'node:http';
import { type ExecutionContext, HttpException, NotFoundException } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { RequireFlagOptions } from './required-flags.js';
import { rpcException, wsException } from './transport-exceptions.js';

/** Has the code in `extensions`, which GraphQL puts into the response. */
class DeniedException extends HttpException {
  readonly extensions: { readonly code: string };

  constructor(status: number, text: string) {
    super({ statusCode: status, message: text }, status);
    this.extensions = { code: text.toUpperCase().replace(/\W+/g, '_') };
  }
}

/** Returns the error for a denied call, of the kind that the filters of its transport know. */
export async function deniedError(
  context: ExecutionContext,
  { exception, status = 404 }: RequireFlagOptions,
  { httpAdapter }: HttpAdapterHost,
): Promise<Error> {
  if (exception) return exception(context);
  const text = STATUS_CODES[status] ?? 'Denied';
  switch (context.getType<string>()) {
    case 'http':
      return status === 404
        ? routeNotFound(context, httpAdapter)
        : new DeniedException(status, text);
    case 'rpc':
      return (await rpcException(text)) ?? new DeniedException(status, text);
    case 'ws':
      return (await wsException(text)) ?? new DeniedException(status, text);
    default:
      return new DeniedException(status, text);
  }
}

/** The exception that Nest throws for a route that does not exist. */
function routeNotFound(
  context: ExecutionContext,
  adapter: HttpAdapterHost['httpAdapter'],
): NotFoundException {
  const request = context.switchToHttp().getRequest<unknown>();
  return new NotFoundException(
    `Cannot ${adapter.getRequestMethod(request)} ${adapter.getRequestUrl(request)}`,
  );
}
