import { InitializationTimeoutError } from '../errors/index.js';

/**
 * Waits for the first load, which goes on when the limit has passed.
 *
 * @throws InitializationTimeoutError when it takes longer than `limitMs`
 */
export async function withinLimit(load: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new InitializationTimeoutError(limitMs)), limitMs);
  });
  try {
    await Promise.race([load, limit]);
  } finally {
    clearTimeout(timer);
  }
}
