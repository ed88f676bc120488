import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { QuonfigModule, QuonfigService } from 'nestjs-quonfig';
import { QuonfigRelay, QuonfigRelayModule } from 'nestjs-quonfig/relay';
import { reportToPage } from './report.js';
import { host, port, required } from './settings.js';

/** Redis is optional: without it, each relay gets updates from the service alone. */
function connectToRedis(): Redis | undefined {
  const { REDIS_URL } = process.env;
  if (!REDIS_URL) return undefined;
  const redis = new Redis(REDIS_URL);
  // The relay logs what an outage means.
  redis.on('error', () => undefined);
  return redis;
}

const redis = connectToRedis();

/** A relay: it follows the service, and serves any number of processes. */
@Module({
  imports: [
    QuonfigModule.forRoot({
      sdkKey: required('SERVICE_KEY'),
      apiUrls: [required('SERVICE_URL')],
      streamUrl: required('SERVICE_URL'),
      persistence: { file: required('SAVED_CONFIGS') },
      initTimeout: 3_000,
      collectEvaluationSummaries: false,
      contextUploadMode: 'none',
    }),
    QuonfigRelayModule.register({
      keys: [required('RELAY_KEY')],
      ...(redis !== undefined && { hints: { redis } }),
    }),
  ],
})
class RelayModule {}

const app = await NestFactory.create(RelayModule);
app.enableShutdownHooks();
await app.listen(port(), host());

const quonfig = app.get(QuonfigService);
const relay = app.get(QuonfigRelay);
reportToPage(() => ({
  generation: quonfig.heldGeneration(),
  state: `${quonfig.connectionState()}, ${relay.status().streams} streams`,
}));
