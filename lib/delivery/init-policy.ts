import { ClosedError, InitializationTimeoutError, type LoadFailures } from '../errors/index.js';
import { withDeadline } from '../requests/index.js';
import type { Delivery } from './delivery.js';
import { startedWithoutConfigs } from './delivery.messages.js';

/**
 * Runs the first load. If it fails, `"throw"` closes the delivery, so that no configs arrive late; `"return-defaults"` continues
 * without configs until some arrive.
 *
 * @throws what `load()` throws, with `"throw"`
 * @throws {ClosedError} `closed`: with either setting
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
 * Waits for the first load. It continues in the background after the timeout, unless it heeds the signal.
 *
 * @param signal ends the wait early; its reason is thrown
 * @param failures what has failed so far, for the message
 * @throws {InitializationTimeoutError} `initialization_timeout`: it takes longer than `initTimeout`
 */
export function withinInitTimeout(
  load: (signal: AbortSignal) => Promise<void>,
  initTimeout: number,
  { signal, failures }: { signal?: AbortSignal; failures?: () => LoadFailures } = {},
): Promise<void> {
  const expired = (): Error => new InitializationTimeoutError(initTimeout, failures?.());
  const deadline = { ms: initTimeout, expired, ...(signal !== undefined && { signal }) };
  // Keep the process alive: one that waits for nothing else would exit silently.
  return withDeadline({ ...deadline, keepsProcess: true }, load);
}
