export type {
  GuardOption,
  InspectorAuthorization,
  QuonfigInspectorOptions,
  RecentContextsOptions,
} from './inspector-options.js';
export { QuonfigInspectorModule } from './quonfig-inspector.module.js';
