import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  // Tests of cli/ import its sources, which import the package by its name.
  resolve: {
    alias: [{ find: /^nestjs-quonfig$/, replacement: join(import.meta.dirname, 'lib/index.ts') }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Need the npm registry (`npm run test:registry`), or long (`npm run fuzz`).
    exclude: [...configDefaults.exclude, 'test/package/registry/**', 'test/fuzz/**'],
    setupFiles: ['test/setup.ts'],
    // By default, one core stays idle: half of a small machine.
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A rejection that nobody handles fails the suite.
    dangerouslyIgnoreUnhandledErrors: false,
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: { lines: 95 },
    },
  },
});
