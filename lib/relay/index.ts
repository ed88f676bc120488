export { QuonfigRelay, type QuonfigRelayStatus } from './quonfig-relay.js';
export {
  QuonfigRelayModule,
  type QuonfigRelayModuleAsyncOptions,
  type QuonfigRelayModuleExtras,
  type QuonfigRelayOptionsFactory,
} from './relay.module.js';
export type { QuonfigRelayOptions, RelayGeneration, RelayKey } from './relay-options.js';
