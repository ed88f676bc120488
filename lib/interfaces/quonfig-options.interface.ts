import type { Contexts, Envelope } from '../model/index.js';
import type { QuonfigLogger } from './quonfig-logger.interface.js';
import type { QuonfigUpdate } from './quonfig-update.interface.js';

/** What a read without a value and without a default does. */
export type OnNoDefault = 'error' | 'warn' | 'ignore';

/** What the start of an application does when the first load fails. */
export type OnInitFailure = 'throw' | 'return-defaults';

/**
 * Options of a Quonfig service. Checked when the service is made: all problems come in one `InvalidOptionsError`.
 *
 * @publicApi
 */
export interface QuonfigModuleOptions {
  /** Workspace directory to read configs from. Either this or `datafile`. */
  datadir?: string;
  /** An envelope, or the path of a JSON file with one. The object is copied. Either this or `datadir`. */
  datafile?: string | Envelope;
  /** Environment whose rules apply in a `datadir`. Default: the variable `QUONFIG_ENVIRONMENT`. */
  environment?: string;
  /** Whether edits of the `datadir` are followed. Default `false`. */
  dataDirAutoReload?: boolean;
  /** How long the files must be quiet before they are read again, in ms. Default 200; at most 2000 ms pass in all. */
  dataDirAutoReloadDebounceMs?: number;
  /** Limit of the first load, in ms. Default 10000. */
  initTimeout?: number;
  /** `"throw"` (default): the application does not start without configs. `"return-defaults"`: it does, and reads give their defaults. */
  onInitFailure?: OnInitFailure;
  /** What a read without a value and without a default does: throw (default), warn and give `undefined`, or just that. */
  onNoDefault?: OnNoDefault;
  /** Contexts for every read. A context of the same name that is bound or passed replaces it whole. Copied. */
  globalContext?: Contexts;
  /** Whether the e-mail address of the logged-in developer (`~/.quonfig`) is offered as context `quonfig-user`. Default: the variable `QUONFIG_DEV_CONTEXT`, else `true`; `null` counts as not set. */
  enableQuonfigUserContext?: boolean | null;
  /** Key of the config that `shouldLog({ loggerPath })` asks. */
  loggerKey?: string;
  /** Takes the messages of this library. Default: a Nest `Logger` named `Quonfig`. */
  logger?: QuonfigLogger;
  /** Called after every install, the first included. What it throws or rejects with is logged and changes nothing. */
  onConfigUpdate?: (update: QuonfigUpdate) => unknown;
  /** Source of random numbers, 0 inclusive to 1 exclusive, for splits without a property. Default `Math.random`. */
  random?: () => number;
}
