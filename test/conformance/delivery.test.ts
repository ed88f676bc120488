import { describe, expect, it, onTestFinished } from 'vitest';
import { type Envelope, type QuonfigModuleOptions, QuonfigService } from '../../lib/index.js';
import { thrownBy } from '../support/configs.js';
import {
  type CorpusCase,
  corpusExists,
  corpusMissing,
  corpusIsRequired,
  readCorpus,
  readOfCase,
} from '../support/conformance.js';
import { DeliveryServer, SDK_KEY } from '../support/delivery-server.js';
import { RecordingLogger } from '../support/recording-logger.js';

const { network } = readCorpus();
const served = network.filter(({ envelope }) => envelope !== undefined);
const unanswered = network.filter(({ overrides }) => 'prefab_api_url' in overrides);

describe.runIf(corpusExists || corpusIsRequired)('the conformance corpus over the network', () => {
  it('the corpus has the expected number of network cases', () => {
    expect(corpusExists, corpusMissing).toBe(true);
    expect(served).toHaveLength(3);
    expect(unanswered).toHaveLength(2);
  });

  it.for(served.map((one) => [one.id, one] as const))(
    'the SDK passes the served corpus case %s',
    async ([, one]) => {
      const service = await serviceOf(one, await serverWith(one.envelope));
      expect(readOfCase(service, one)).toEqual(one.expected.value);
    },
  );

  it.for(unanswered.map((one) => [one.id, one] as const))(
    'the SDK passes the unanswered corpus case %s',
    async ([, one]) => {
      const server = await serverWith();
      server.configs.answerAlways('hold');
      server.stream.answerAlways('hold');
      const read = serviceOf(one, server).then((service) =>
        thrownBy(() => readOfCase(service, one)),
      );
      const error = await read.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: one.expected.error });
    },
  );
});

async function serverWith(envelope?: Envelope): Promise<DeliveryServer> {
  const server = await DeliveryServer.start();
  onTestFinished(() => server.close());
  const body = JSON.stringify(envelope);
  server.configs.answerAlways({ status: 200, body });
  return server;
}

async function serviceOf(
  { overrides }: CorpusCase,
  server: DeliveryServer,
): Promise<QuonfigService> {
  const { environment, initialization_timeout_sec: seconds, on_init_failure: policy } = overrides;
  const options: QuonfigModuleOptions = {
    sdkKey: (overrides['sdk_key'] as string | undefined) ?? SDK_KEY,
    apiUrls: [server.url, server.url],
    streamUrl: server.url,
    enableSSE: false,
    collectEvaluationSummaries: false,
    contextUploadMode: 'none',
    logger: new RecordingLogger(),
    onInitFailure: policy === ':return' ? 'return-defaults' : 'throw',
    ...(seconds !== undefined && { initTimeout: (seconds as number) * 1_000 }),
    ...(environment !== undefined && { environment: environment as string }),
  };
  const service = await QuonfigService.create(options);
  onTestFinished(() => service.close());
  return service;
}
