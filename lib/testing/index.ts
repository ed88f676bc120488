export {
  createTestQuonfig,
  TestQuonfig,
  type TestQuonfigOptions,
  type TestRead,
} from './test-quonfig.js';
export type { TestValue, TestValues } from './test-values.js';
