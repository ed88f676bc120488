import type { Accepted } from './accepted.js';

/** What an option is about. Options of scope `datadir` have no effect with any other source. */
export type OptionScope = 'source' | 'datadir' | 'network' | 'reads' | 'events' | 'telemetry';

/** One row: everything there is to know about an option. */
export interface OptionRow extends Accepted {
  readonly scope: OptionScope;
  readonly default?: boolean | number | string;
  /** Describes a default that is no plain value. */
  readonly defaultText?: string;
  /** Environment variable that is used when the option is omitted. */
  readonly variable?: string;
  readonly description: string;
  /** Section of docs/ that says more. */
  readonly see?: string;
}
