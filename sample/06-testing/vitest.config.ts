import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Nest needs the metadata of decorators.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: { include: ['test/**/*.test.ts'] },
});
