import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RequestMethod } from '@nestjs/common';
import { AbstractHttpAdapter } from '@nestjs/core';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const noop = (): void => {};

/**
 * Node's HTTP server as the server of a Nest application with a few exact paths. The command serves without the platform
 * package of an application, which may be Express, Fastify or missing.
 */
export class NodeHttpAdapter extends AbstractHttpAdapter<Server, IncomingMessage, ServerResponse> {
  private readonly handlers = new Map<string, Handler>();

  constructor() {
    super({});
    this.setHttpServer(createServer((request, response) => this.dispatch(request, response)));
  }

  override get(path: string | Handler, handler?: Handler): void {
    this.add('GET', path, handler);
  }

  override post(path: string | Handler, handler?: Handler): void {
    this.add('POST', path, handler);
  }

  override options(path: string | Handler, handler?: Handler): void {
    this.add('OPTIONS', path, handler);
  }

  override use(): void {}

  override listen(...args: unknown[]): Server {
    return this.httpServer.listen(...(args as Parameters<Server['listen']>));
  }

  async close(): Promise<void> {
    if (!this.httpServer.listening) return;
    await new Promise((resolve) => this.httpServer.close(resolve));
  }

  getType(): string {
    return 'node';
  }

  getRequestMethod({ method }: IncomingMessage): string | undefined {
    return method;
  }

  getRequestUrl({ url }: IncomingMessage): string | undefined {
    return url;
  }

  getRequestHostname({ headers }: IncomingMessage): string | undefined {
    return headers.host;
  }

  createMiddlewareFactory(_method: RequestMethod): () => void {
    return noop;
  }

  // Nest calls these for controllers, which the command has none of.
  initHttpServer(): void {}
  registerParserMiddleware(): void {}
  setNotFoundHandler(): void {}
  setErrorHandler(): void {}
  enableCors(): void {}
  useStaticAssets(): void {}
  setViewEngine(): void {}
  status(): void {}
  reply(): void {}
  end(): void {}
  render(): void {}
  redirect(): void {}
  isHeadersSent({ headersSent }: ServerResponse): boolean {
    return headersSent;
  }
  getHeader(response: ServerResponse, name: string): unknown {
    return response.getHeader(name);
  }
  setHeader(response: ServerResponse, name: string, value: string): void {
    response.setHeader(name, value);
  }
  appendHeader(response: ServerResponse, name: string, value: string): void {
    response.appendHeader(name, value);
  }
  applyVersionFilter(): never {
    throw new Error('The command has no versions.');
  }

  private add(method: string, path: string | Handler, handler: Handler | undefined): void {
    if (typeof path === 'string' && handler !== undefined) {
      this.handlers.set(`${method} ${path}`, handler);
    }
  }

  private dispatch(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/' } = request;
    const path = url.split('?', 1)[0]!;
    const handler = this.handlers.get(`${method === 'HEAD' ? 'GET' : method} ${path}`);
    if (handler !== undefined) {
      handler(request, response);
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ statusCode: 404, message: 'Not found' }));
  }
}
