export type {
  GuardOption,
  InspectorAuthorization,
  OverridesOptions,
  QuonfigInspectorOptions,
  RecentContextsOptions,
} from './inspector-options.js';
export { QuonfigInspectorModule } from './quonfig-inspector.module.js';
