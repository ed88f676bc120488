import { defineConfig } from 'vitest/config';

/** The tests that install from the npm registry. `npm run test:registry` and CI run them. */
export default defineConfig({
  root: new URL('../../..', import.meta.url).pathname,
  test: {
    include: ['test/package/registry/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
