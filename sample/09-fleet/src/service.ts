import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigRelay, QuonfigRelayModule } from 'nestjs-quonfig/relay';
import { reportToPage } from './report.js';
import { host, port, required } from './settings.js';

/** A delivery service of your own: it serves the files of a git repository, and follows its commits. */
@Module({
  imports: [
    QuonfigRelayModule.register({
      keys: [{ key: required('SERVICE_KEY'), environment: 'production' }],
      datadir: required('WORKSPACE'),
    }),
  ],
})
class ServiceModule {}

const app = await NestFactory.create(ServiceModule);
app.enableShutdownHooks();
await app.listen(port(), host());

const relay = app.get(QuonfigRelay);
reportToPage(() => {
  const { environments, streams } = relay.status();
  return { generation: environments[0]?.generation ?? 0, state: `${streams} streams` };
});
