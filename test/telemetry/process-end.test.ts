import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../support/child-process.js';
import { constant, envelope } from '../support/configs.js';
import { type Answer, TelemetryStub } from '../support/telemetry-stub.js';

const script = fileURLToPath(new URL('support/reporting-process.mjs', import.meta.url));

/** Runs the process until it exits by itself. */
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

describe('a process with telemetry', () => {
  it('a pending report does not keep the process alive', async () => {
    const stub = await run('nothing', 200);
    expect(stub.requests).toEqual([]);
  });

  it('a process exits after flush() and close() even if the server never answers', async () => {
    const { requests } = await run('close', 'hang');
    expect(requests.at(-1)!.body).toContain('after');
  });
});
