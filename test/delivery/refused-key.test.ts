import { describe, expect, it } from 'vitest';
import { QuonfigService } from '../../lib/index.js';
import { SDK_KEY } from '../support/delivery-server.js';
import { setEnv } from '../support/configs.js';
import { optionsFor, serve, until } from '../support/networked.js';
import { RecordingLogger } from '../support/recording-logger.js';

describe('a key that is refused', () => {
  it.each([401, 403, 404])(
    'every message about status %i names the option or variable that holds the key, never the key',
    async (status) => {
      const server = await serve();
      for (const path of [server.configs, server.telemetry]) path.answerAlways({ status });
      server.stream.answerAlways('hold');
      setEnv({ QUONFIG_BACKEND_SDK_KEY: SDK_KEY });
      for (const sdkKey of [SDK_KEY, undefined]) {
        const source = sdkKey === undefined ? 'variable QUONFIG_BACKEND_SDK_KEY' : 'option sdkKey';
        const log = new RecordingLogger();
        const service = await QuonfigService.create(
          optionsFor(server, {
            sdkKey,
            logger: log,
            onInitFailure: 'return-defaults',
            enableSSE: false,
            fallbackPollIntervalMs: 20,
          }),
        );
        expect(service.health().lastError).toContain(`the SDK key in the ${source}`);
        await until(() => expect(log.text).toMatch(/error A poll for configs was refused/));
        service.get('unknown', { user: { key: 'u' } }, 1);
        await service.flush();
        await until(() => expect(log.text).toMatch(/error Telemetry was refused/));
        await service.close();
        const refusals = log.lines('error').filter((line) => line.includes('was refused'));
        for (const line of refusals) expect(line).toContain(`the SDK key in the ${source}`);
        expect(log.text).not.toContain(SDK_KEY);
      }
    },
  );
});
