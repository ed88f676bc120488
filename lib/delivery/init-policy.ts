import { ClosedError, InitializationTimeoutError } from '../errors/index.js';
import { withDeadline } from '../requests/index.js';
import type { Delivery } from './delivery.js';
import { startedWithoutConfigs } from './delivery.messages.js';

/**
 * Does the first load. When it fails, for whatever reason, `"throw"` closes the delivery, so that nothing comes late, and
 * `"return-defaults"` goes on without configs until some arrive.
 *
 * @throws what `load()` throws, under `"throw"`; ClosedError always
 */
export async function firstLoad(
  delivery: Pick<Delivery, 'load' | 'close'>,
  onInitFailure: 'throw' | 'return-defaults',
  logger: { warn(message: string): void },
): Promise<void> {
  try {
    await delivery.load();
  } catch (error) {
    if (error instanceof ClosedError) throw error;
    if (onInitFailure === 'throw') {
      await delivery.close();
      throw error;
    }
    logger.warn(startedWithoutConfigs(error instanceof Error ? error.message : ''));
  }
}

/**
 * Waits for the first load, which continues in the background after the timeout.
 *
 * @throws {InitializationTimeoutError} `initialization_timeout`: it takes longer than `initTimeout`
 */
export function withinInitTimeout(load: Promise<void>, initTimeout: number): Promise<void> {
  const expired = (): Error => new InitializationTimeoutError(initTimeout);
  // Without this timer, a process that waits for nothing else would end in silence.
  return withDeadline({ ms: initTimeout, expired, keepsProcess: true }, () => load);
}
