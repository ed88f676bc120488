export { type InMemoryOptions, InMemoryQuonfig } from './client/in-memory-quonfig.js';
export { BoundQuonfig } from './client/bound-quonfig.js';
export { CurrentEnvelope } from './client/current-envelope.js';
export { LogLevels, type LoggerLevelsOptions } from './client/log-levels.js';
export { StoredConfigs } from './client/stored-configs.js';
export { InjectQuonfig } from './nest/decorators/inject-quonfig.decorator.js';
export {
  OnQuonfigUpdate,
  type OnQuonfigUpdateOptions,
} from './nest/decorators/on-quonfig-update.decorator.js';
export { enableQuonfigContext } from './nest/context/enable-quonfig-context.js';
export { Live } from './nest/decorators/live.decorator.js';
export type { InstanceOption } from './nest/decorators/instance-option.js';
export type { ParameterArgument } from './nest/decorators/parameter-read.js';
export { ConfigDetails, ConfigValue, Flag } from './nest/decorators/parameter.decorators.js';
export {
  createQuonfigDecorators,
  type QuonfigDecorators,
} from './nest/decorators/quonfig-decorators.js';
export { RequireFlag } from './nest/decorators/require-flag.decorator.js';
export type { ConnectionState } from './delivery/connection-state.js';
export type {
  Delivery,
  DeliveryCounters,
  DeliveryMode,
  QuonfigRefresh,
  RefreshCause,
  TerminalFailure,
} from './delivery/delivery.js';
export type { SimulatedFault } from './delivery/in-memory-delivery.js';
export { LocalDelivery } from './delivery/local-delivery.js';
export { NetworkDelivery } from './delivery/network-delivery.js';
export * from './errors/index.js';
export { decryptValue, encryptValue, parseDuration, traceOfPattern } from './evaluation/index.js';
export type {
  CriterionTrace,
  ErrorCode,
  EvaluationDetails,
  EvaluationTrace,
  FlagMetadata,
  PatternTrace,
  RawConfig,
  RawDependency,
  RawMatch,
  RuleTrace,
  SegmentTrace,
  WeightTrace,
} from './evaluation/index.js';
export type * from './interfaces/index.js';
export type { LogLevel } from './logging/log-levels.js';
export { LoggerLevels } from './logging/logger-levels.js';
export { QuonfigLogger, type QuonfigLoggerOptions } from './nest/logger/quonfig.logger.js';
export type { ShouldLogRequest } from './logging/should-log.js';
export { closestName } from './model/index.js';
export type {
  Config,
  ConfigType,
  ConfigValue as StoredValue,
  ContextProperties,
  Contexts,
  Criterion,
  Envelope,
  EnvelopeMeta,
  EnvironmentRules,
  NamedContexts,
  Rule,
  RuleSet,
  RuleValueType,
  ValueType,
} from './model/index.js';
export type { FlagRequirement, ValueRequirement } from './nest/guards/flag-requirement.js';
export { RequireFlagGuard } from './nest/guards/require-flag.guard.js';
export {
  getRequiredFlags,
  type RequiredFlag,
  type RequireFlagOptions,
} from './nest/guards/required-flags.js';
export {
  QUONFIG_CONNECTION_EVENT,
  QUONFIG_TERMINAL_FAILURE_EVENT,
  QUONFIG_UPDATE_EVENT,
} from './nest/quonfig.constants.js';
export { QuonfigModule } from './nest/quonfig.module.js';
export type {
  QuonfigModuleAsyncOptions,
  QuonfigModuleExtras,
  QuonfigOptionsFactory,
} from './nest/quonfig.module-definition.js';
export { QuonfigContext } from './client/quonfig-context.js';
export { startQuonfigPrimary } from './client/quonfig-primary.js';
export { ServiceState } from './client/service-state.js';
export { QuonfigService } from './client/quonfig.service.js';
export { getQuonfigToken } from './nest/quonfig.tokens.js';
export {
  Persistence,
  type PersistenceCounters,
  type PersistenceOptions,
  type PersistenceStore,
} from './persistence/index.js';
export type { QuonfigFetch, QuonfigRequestInit, QuonfigResponse } from './requests/index.js';
export type { UnknownKey } from './reads/unknown-keys.js';
export { DatadirWatcher } from './sources/datadir/datadir-watcher.js';
export { HedgedFetch } from './sources/http/hedged-fetch.js';
export { PollingFallbackService } from './sources/poll/polling-fallback.service.js';
export type { RefreshPurpose } from './sources/source-sink.js';
export { SseReconnectService } from './sources/stream/sse-reconnect.service.js';
export type { StreamState } from './sources/stream/stream-state.js';
export { ConfigStore, criterionProblem, type SnapshotUpdate } from './store/index.js';
export type { DropCause } from './telemetry/report/batch-queue.js';
export {
  type TelemetryCounters,
  TelemetryReporter,
} from './telemetry/report/telemetry-reporter.js';
export { CallbackRunner, type QuonfigCallback } from './updates/callback-runner.js';
export type { LiveValue } from './updates/live-value.js';
