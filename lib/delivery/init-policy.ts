import { ClosedError, InitializationTimeoutError } from '../errors/index.js';
import { textWithoutInitAdvice } from '../errors/init-advice.js';
import { withDeadline } from '../requests/index.js';
import type { Delivery } from './delivery.js';
import { startedWithoutConfigs } from './delivery.messages.js';

/**
 * What happens if the first load fails: the start fails, or reads return their defaults until configs arrive.
 *
 * @publicApi
 */
export type OnInitFailure = 'throw' | 'return-defaults';

/**
 * Runs the first load. If it fails, `"throw"` closes the delivery, so that no configs arrive late; `"return-defaults"` continues
 * without configs until some arrive.
 *
 * @throws what `load()` throws, with `"throw"`
 * @throws {ClosedError} `closed`: with either setting
 */
export async function firstLoad(
  delivery: Pick<Delivery, 'load' | 'close'>,
  onInitFailure: OnInitFailure,
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
    logger.warn(startedWithoutConfigs(textWithoutInitAdvice(error)));
  }
}

/**
 * Waits for the first load. It continues in the background after the timeout, unless it heeds the signal.
 *
 * @param signal ends the wait early; its reason is thrown
 * @param expired creates the error for a load that takes longer than `initTimeout`
 * @throws {InitializationTimeoutError} `initialization_timeout`: unless `expired` creates another error
 */
export function withinInitTimeout(
  load: (signal: AbortSignal) => Promise<void>,
  initTimeout: number,
  {
    signal,
    expired = () => new InitializationTimeoutError(initTimeout),
  }: { signal?: AbortSignal; expired?: () => Error } = {},
): Promise<void> {
  const deadline = { ms: initTimeout, expired, ...(signal !== undefined && { signal }) };
  // Keep the process alive: one that waits for nothing else would exit silently.
  return withDeadline({ ...deadline, keepsProcess: true }, load);
}
