import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../support/child-process.js';
import { constant, envelope } from '../support/configs.js';
import { type Answer, TelemetryStub } from '../support/telemetry-stub.js';

const script = fileURLToPath(new URL('support/reporting-process.mjs', import.meta.url));

/** Runs until the process ends by itself. */
async function run(act: 'nothing' | 'close', ...answers: Answer[]): Promise<TelemetryStub> {
  const stub = await TelemetryStub.start(...answers);
  onTestFinished(() => stub.stop());
  const options = {
    sdkKey: 'qf_sk_process',
    telemetryUrl: stub.url,
    datafile: envelope([constant('flag', 'bool', true)]),
    enableQuonfigUserContext: false,
    telemetryTimeoutMs: 1_000,
  };
  const child = Child.node([script], {
    env: { QUONFIG_TEST_TASK: JSON.stringify({ options, act }) },
  });
  expect(await child.ended, child.output).toEqual({ code: 0, signal: null });
  expect(child.stdout).toBe(`${act} done`);
  return stub;
}

describe('a process', () => {
  it('ends though a service in it would report later', async () => {
    const stub = await run('nothing', 200);
    expect(stub.requests).toEqual([]);
  });

  it('ends after flush() and close() though the server answers nothing', async () => {
    const { requests } = await run('close', 'hang');
    expect(requests.at(-1)!.body).toContain('after');
  });
});
