import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { envelopeOf } from '../support/delivery-server.js';
import { connectTo, optionsFor, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createWorkspace, stringConfig } from '../support/workspace.js';

const first = envelopeOf({ generation: 7, version: 'v7', values: { greeting: 'hello' } });

async function configsOf(service: QuonfigService): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for await (const piece of service.envelope()!.configsJson()) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString());
}

it('the envelope of a service is the one it received, with all of its meta', async () => {
  const meta = { ...first.meta, workspaceId: 'w-1', extra: { kept: true } };
  const { service } = await connectTo(await serve({ envelope: { ...first, meta } }));
  const envelope = service.envelope()!;
  expect(envelope.meta).toEqual(meta);
  expect(envelope).toMatchObject({ size: 1, path: undefined });
  expect(['fetch', 'stream']).toContain(envelope.source);
  expect(await configsOf(service)).toEqual(first.configs);
});

it('the configs of an envelope are available between two other strings', async () => {
  const { service } = await connectTo(await serve({ envelope: first }));
  const pieces = await service.envelope()!.configsJsonBetween('{"configs":', ',"more":1}');
  const json = Buffer.concat(pieces).toString();
  expect(JSON.parse(json)).toEqual({ configs: first.configs, more: 1 });
});

it('an envelope stays the same when others are installed', async () => {
  const server = await serve({ envelope: first });
  const { service } = await connectTo(server);
  const before = service.envelope()!;
  server.publish(envelopeOf({ generation: 8, values: { greeting: 'hi' } }));
  await until(() => expect(service.heldGeneration()).toBe(8));
  const pieces: Uint8Array[] = [];
  for await (const piece of before.configsJson()) pieces.push(piece);
  expect(JSON.parse(Buffer.concat(pieces).toString())).toEqual(first.configs);
});

it('the envelope of a datadir has the path of the datadir and no generation', async () => {
  const workspace = createWorkspace({ configs: [stringConfig('greeting', 'hello')] });
  onTestFinished(() => workspace.cleanup());
  const service = await QuonfigService.create({
    datadir: workspace.path,
    environment: 'production',
    logger: new RecordingLogger(),
  });
  onTestFinished(() => service.close());
  expect(service.envelope()).toMatchObject({ source: 'datadir', path: workspace.path, size: 1 });
  expect(service.envelope()!.meta.generation).toBeUndefined();
  expect(await configsOf(service)).toMatchObject([{ key: 'greeting' }]);
});

it('a service without configs has no envelope', async () => {
  const server = await serve();
  server.configs.answerAlways({ status: 503 });
  server.stream.answerAlways({ status: 503 });
  const service = await QuonfigService.create(
    optionsFor(server, {
      logger: new RecordingLogger(),
      initTimeout: 50,
      onInitFailure: 'return-defaults',
    }),
  );
  onTestFinished(() => service.close());
  expect(service.envelope()).toBeUndefined();
});

it('inspecting an envelope does not show its configs', async () => {
  const { service } = await connectTo(await serve({ envelope: first }));
  expect(inspect(service.envelope(), { depth: 20, showHidden: true })).not.toContain('hello');
});
