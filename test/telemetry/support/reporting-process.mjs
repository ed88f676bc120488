// A process with telemetry. Nothing here ends it, so it must exit by itself.
import { QuonfigService } from '../../../dist/index.js';

const { options, act } = JSON.parse(process.env.QUONFIG_TEST_TASK);
const quiet = () => {};
const service = await QuonfigService.create({
  ...options,
  logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
});
service.get('flag', { user: { key: 'before' } });
if (act === 'close') {
  await service.flush();
  service.get('flag', { user: { key: 'after' } });
  await service.close();
}
process.stdout.write(`${act} done`);
