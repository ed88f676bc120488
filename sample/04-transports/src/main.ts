import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { enableQuonfigContext } from 'nestjs-quonfig';
import { host, ports } from './addresses.js';
import { AppModule } from './app.module.js';

const fastify = new FastifyAdapter({ forceCloseConnections: true });
const app = await NestFactory.create<NestFastifyApplication>(AppModule, fastify);
app.enableShutdownHooks([], { useProcessExit: true });

// Microservices and gateways need this line; HTTP and GraphQL do not.
enableQuonfigContext(app);

const tcp = app.connectMicroservice<MicroserviceOptions>({
  transport: Transport.TCP,
  options: { host, port: ports.tcp },
});

// Mercurius answers every upgrade to a WebSocket on the HTTP server, so socket.io gets a server of its own.
const gateway = createServer();
app.useWebSocketAdapter(new IoAdapter(gateway));

try {
  await app.startAllMicroservices();
  await app.listen(ports.http, host);
  await once(gateway.listen(ports.gateway, host), 'listening');
  console.log(`
  Quonfig on every transport, at http://${host}:${portOf(app.getHttpServer())}

  TCP         ${host}:${portOf(tcp.unwrap<Server>())}
  socket.io   http://${host}:${portOf(gateway)}

  Try    node sample/04-transports/dist/ask.js anna
  Stop   Ctrl+C
`);
} catch (error) {
  Logger.error(`${(error as Error).message}. For other ports: PORT, TCP_PORT, GATEWAY_PORT`);
  await app.close();
  process.exitCode = 1;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
