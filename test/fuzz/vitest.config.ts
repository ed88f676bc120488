import { defineConfig } from 'vitest/config';

/** Random input for as long as FUZZ_SECONDS says, per test: `npm run fuzz`. Not part of `npm test`. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ['test/fuzz/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
