export { QuonfigTestingModule, type QuonfigTestingOptions } from './quonfig-testing.module.js';
export {
  createTestQuonfig,
  createTestQuonfigFromRules,
  createTestQuonfigFromWorkspace,
  TestQuonfig,
  type TestQuonfigOptions,
  type TestRead,
} from './test-quonfig.js';
export type { TestRule, TestRules } from './test-rules.js';
export type { TestValue, TestValues } from './test-values.js';
