import { describe, expect, it } from 'vitest';
import type { QuonfigModuleOptions } from '../../lib/index.js';
import { constant, envelope } from '../support/configs.js';
import { Reporting, SDK_KEY } from './support/reporting.js';

const EMAIL = 'somebody@personal.example';
const CONFIG_VALUE = 'value-nobody-may-log';
const configs = ['text-0', 'text-1'].map((key) => constant(key, 'string', CONFIG_VALUE));
const secrets = [
  SDK_KEY,
  Buffer.from(SDK_KEY).toString('base64').replaceAll('=', ''),
  Buffer.from(`1:${SDK_KEY}`).toString('base64').replaceAll('=', ''),
  EMAIL,
  CONFIG_VALUE,
  'instanceHash',
];

type Fetch = NonNullable<QuonfigModuleOptions['fetch']>;

/** Fails with an error that reveals everything it received. */
const leaking: Fetch = async (input, init) => {
  const { headers, body } = init as { headers: Record<string, string>; body: Uint8Array };
  const all = `${JSON.stringify({ input, headers })} ${Buffer.from(body).toString()}`;
  const cause = Object.assign(new Error(all), { code: headers['Authorization'], name: all });
  throw Object.assign(new TypeError(all, { cause }), { code: all });
};

describe('telemetry output', () => {
  it('logs, metrics and health never contain the SDK key, a payload, a context or a config value', async () => {
    let leaks = false;
    const elsewhere = { location: `http://127.0.0.1:1/${SDK_KEY}?${EMAIL}` };
    const t = await Reporting.start([503], {
      datafile: envelope(configs),
      fetch: (input, init) => (leaks ? leaking(input, init) : fetch(input, init)),
      redactContext: (name, properties) => {
        if (name === 'device') throw new Error(`${name} ${JSON.stringify(properties)}`);
        return properties;
      },
    });
    let read = 0;
    const record = (): void => {
      const user = { key: `u-${read}`, email: EMAIL, token: SDK_KEY };
      t.service.get(`text-${read++ % 2}`, { user, device: { key: EMAIL } });
    };
    const minutes = async (count: number): Promise<void> => {
      for (let minute = 0; minute < count; minute++) {
        record();
        await t.pass(60_000);
      }
    };

    // Both kinds of failure, then losses for more than ten minutes, then recovery.
    await minutes(2);
    leaks = true;
    await minutes(20);
    leaks = false;
    t.stub.answers(200);
    await minutes(2);
    t.stub.answers({ status: 400, headers: elsewhere }, { status: 302, headers: elsewhere });
    await minutes(2);
    t.stub.answers('hang');
    await minutes(2);
    t.stub.answers(401);
    await minutes(2);
    await t.service.close();

    const failing = await Reporting.start([200], { datafile: envelope(configs), fetch: leaking });
    failing.service.get('text-0', { user: { key: 'u', email: EMAIL } });
    await failing.service.close();

    for (const line of [
      /^debug .*could not be sent: status 503/m,
      /^debug .*could not be sent: unknown error/m,
      /^debug .*could not be sent: no response within/m,
      /^warn .*was dropped: 1 batch/m,
      /^debug A batch of telemetry was dropped/m,
      /^warn .*was dropped: 10 batches/m,
      /^info .*has recovered/m,
      /^error .*rejected with status 400/m,
      /^error .*refused with status 401/m,
      /^warn redactContext threw/m,
    ]) {
      expect(t.log.text).toMatch(line);
    }
    expect(failing.log.text).toContain('last telemetry report before closing could not be sent');
    const output = [t, failing].flatMap(({ log, service }) => [
      log.text,
      JSON.stringify(service.metrics()),
      JSON.stringify(service.health()),
    ]);
    for (const secret of secrets) expect(output.join('\n')).not.toContain(secret);
  });
});
