import { describe, expect, it } from 'vitest';
import { config, envelope, rule, value } from '../support/configs.js';
import { Reporting } from '../telemetry/support/reporting.js';
import { reportedContexts } from '../telemetry/support/windows.js';

const levels = config('levels', 'log_level', [rule(value('log_level', 'INFO'))], 'log_level');

async function asking(): Promise<Reporting> {
  return Reporting.start([200], { datafile: envelope([levels]), loggerKey: 'levels' });
}

describe('telemetry of shouldLog', () => {
  it('telemetry reports one example context per user across many loggers, with the path of the first', async () => {
    const t = await asking();
    for (const loggerPath of ['Cats', 'Dogs', 'Birds']) {
      const contexts = { user: { key: 'u' } };
      t.service.shouldLog({ loggerPath, desiredLevel: 'info', contexts });
    }
    await t.tick(1);
    const { shapes, examples } = reportedContexts(t.stub.requests[0]!.body);
    expect(shapes).toEqual({ user: { key: 2 }, 'quonfig-sdk-logging': { key: 2 } });
    expect(examples.map(({ contextSet }) => contextSet.contexts)).toEqual([
      [
        { type: 'user', values: { key: 'u' } },
        { type: 'quonfig-sdk-logging', values: { key: 'Cats' } },
      ],
    ]);
    expect(t.keysOf(0)).toEqual([]);
  });

  it('telemetry reports no example context for a logger path alone', async () => {
    const t = await asking();
    t.service.shouldLog({ loggerPath: 'Cats', desiredLevel: 'info' });
    await t.tick(1);
    const { shapes, examples } = reportedContexts(t.stub.requests[0]!.body);
    expect(shapes).toEqual({ 'quonfig-sdk-logging': { key: 2 } });
    expect(examples).toEqual([]);
  });
});
