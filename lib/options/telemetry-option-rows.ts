import {
  BOOLEAN,
  FUNCTION,
  MILLISECONDS,
  nonEmptyString,
  oneOf,
  positiveInteger,
  URL_STRING,
} from './accepted.js';
import type { OptionRow } from './option-row.js';

/** The rows of the option table that concern telemetry. */
export const TELEMETRY_OPTIONS = {
  telemetryUrl: {
    ...URL_STRING,
    scope: 'telemetry',
    defaultText: '`https://telemetry.<domain>`',
    description: 'Base URL of the telemetry service.',
  },
  collectEvaluationSummaries: {
    ...BOOLEAN,
    scope: 'telemetry',
    default: true,
    description: 'Whether the SDK reports how often each value was read.',
  },
  contextUploadMode: {
    ...oneOf('periodic_example', 'shapes_only', 'none'),
    scope: 'telemetry',
    default: 'periodic_example',
    description:
      'What the SDK reports about contexts: `"periodic_example"` reports property names and types with example values; `"shapes_only"` omits the values; `"none"` reports nothing.',
    see: 'telemetry.md#what-leaves-the-process',
  },
  redactContext: {
    ...FUNCTION,
    scope: 'telemetry',
    description:
      'Returns what telemetry may keep of a context; `undefined` leaves the context out.',
    see: 'telemetry.md#personal-data',
  },
  telemetryFlushIntervalMs: {
    ...MILLISECONDS,
    scope: 'telemetry',
    default: 60_000,
    description: 'Interval between two reports, in ms.',
  },
  telemetryTimeoutMs: {
    ...MILLISECONDS,
    scope: 'telemetry',
    default: 15_000,
    description: 'Deadline for sending one report, in ms.',
  },
  telemetryMaxRetainedBatches: {
    ...positiveInteger('batches'),
    scope: 'telemetry',
    default: 5,
    description: 'Maximum number of unsent reports kept for a retry.',
  },
  telemetryMaxRetainedBytes: {
    ...positiveInteger('bytes'),
    scope: 'telemetry',
    default: 2 * 1_024 * 1_024,
    description: 'Maximum size of the unsent reports in total, in bytes.',
  },
  telemetryMaxRetainedAgeMs: {
    ...MILLISECONDS,
    scope: 'telemetry',
    default: 300_000,
    description: 'Maximum age of an unsent report, in ms.',
  },
  telemetryMaxEvaluationSummaries: {
    ...positiveInteger('configs'),
    scope: 'telemetry',
    default: 10_000,
    description: 'Maximum number of configs counted in one report.',
  },
  telemetryMaxContextShapeFields: {
    ...positiveInteger('properties'),
    scope: 'telemetry',
    default: 10_000,
    description: 'Maximum number of context properties in one report.',
  },
  telemetryMaxExampleContexts: {
    ...positiveInteger('contexts'),
    scope: 'telemetry',
    default: 10_000,
    description: 'Maximum number of example contexts in one report.',
  },
  instanceHash: {
    ...nonEmptyString('the name of this instance'),
    scope: 'telemetry',
    defaultText: 'a random UUID',
    description: 'Identifies this service in its reports.',
  },
} satisfies Record<string, OptionRow>;
