import type {
  OnInitFailure,
  OnNoDefault,
  QuonfigLogger,
  QuonfigUpdate,
} from '../interfaces/index.js';
import type { Contexts, Envelope } from '../model/index.js';

/** The options after the check, with every default filled in. */
export interface ResolvedOptions {
  /** Either this or `datafile` is set. */
  readonly datadir: string | undefined;
  readonly datafile: string | Envelope | undefined;
  /** Of a `datadir`; `undefined` when neither the option nor the variable names one. */
  readonly environment: string | undefined;
  readonly dataDirAutoReload: boolean;
  readonly dataDirAutoReloadDebounceMs: number;
  readonly initTimeout: number;
  readonly onInitFailure: OnInitFailure;
  readonly onNoDefault: OnNoDefault;
  readonly globalContext: Contexts | undefined;
  readonly enableQuonfigUserContext: boolean;
  readonly loggerKey: string | undefined;
  /** Never throws, whatever the logger behind it does. */
  readonly logger: Required<QuonfigLogger>;
  readonly onConfigUpdate: ((update: QuonfigUpdate) => unknown) | undefined;
  readonly random: () => number;
}
