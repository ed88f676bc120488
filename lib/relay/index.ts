export { QuonfigRelay, type QuonfigRelayStatus } from './quonfig-relay.js';
export {
  QuonfigRelayModule,
  type QuonfigRelayModuleAsyncOptions,
  type QuonfigRelayModuleExtras,
  type QuonfigRelayOptionsFactory,
} from './relay.module.js';
export type { RelayEvaluationOptions } from './evaluations/evaluation-options.js';
export { QUONFIG_RELAY_HINT } from './hints/hint.js';
export type {
  RelayClientProxy,
  RelayHintsOptions,
  RelayRedisClient,
} from './hints/hint-options.js';
export type { RelayKey } from './key-list.js';
export type { QuonfigRelayOptions, RelayGeneration } from './relay-options.js';
export type { RelayTelemetryOptions } from './forwarding/telemetry-options.js';
