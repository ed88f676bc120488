import type { Accepted } from './accepted.js';

/** Groups the options. Options of scope `datadir` have no effect with another source. */
export type OptionScope = 'source' | 'datadir' | 'network' | 'reads' | 'events' | 'telemetry';

/** One row of the option table: everything about one option. */
export interface OptionRow extends Accepted {
  readonly scope: OptionScope;
  readonly default?: boolean | number | string;
  /** Describes a default that is not a plain value. */
  readonly defaultText?: string;
  /** Environment variable that is used when the option is omitted. */
  readonly variable?: string;
  readonly description: string;
  /** Page or section of docs/ with details. */
  readonly see?: string;
}
