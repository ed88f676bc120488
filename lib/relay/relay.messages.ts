import { STATUS_CODES } from 'node:http';

export const wrongOption = (name: string, accepted: string): string =>
  `The option "${name}" of the relay is invalid: it must be ${accepted}.`;

export const noService = (name: string | undefined): string =>
  name === undefined
    ? 'The relay has no configs to serve. Import QuonfigModule with isGlobal true, or set the option "datadir" of the relay.'
    : `The relay has no configs to serve: no Quonfig service is named "${name}". Import QuonfigModule with that name and isGlobal true.`;

export const serving = (path: string, environments: readonly string[]): string =>
  `Serving configs (${environments.join(', ')}) to Quonfig clients at ${path}/api/v2.`;

export const notServing = (): string =>
  'The Quonfig relay serves nothing, because this application has no HTTP server. Import QuonfigRelayModule in an application that NestFactory.create creates.';

export const pathTaken = (path: string): string =>
  `Another relay of this application already serves ${path}. Set a different option "path" for one of them.`;

export const keysRefused = (problems: readonly string[]): string =>
  `A new list of relay keys was ignored; the previous keys stay valid. ${problems.join(' ')}`;

export const keysFailed = (reason: string): string =>
  `The Observable of relay keys failed, so keys no longer change; the latest ones stay valid. Fix the Observable, then restart the relay: ${reason}`;

export const environmentUnavailable = (environment: string, reason: string): string =>
  `The relay cannot serve the environment "${environment}"; clients with a key for it get status 503: ${reason}`;

export const wrongEnvironment = (wanted: string, served: string): string =>
  `A relay key is for the environment "${wanted}", but the service delivers "${served}": clients with that key are refused. Correct the key, or serve a workspace with the option "datadir".`;

export const unknownKeys = (count: number): string =>
  `${count === 1 ? 'A request' : `${count} requests`} to the relay had no valid key and got status 401. If your own clients are refused, add their key to the option "keys".`;

export const limitReached = (limit: number, count: number): string =>
  `The relay refused ${count} ${count === 1 ? 'request' : 'requests'} with status 503, because ${limit} responses are open. Raise maxConnections, or start another relay.`;

export const slowClients = (count: number): string =>
  `The relay disconnected ${count} ${count === 1 ? 'client that had' : 'clients that had'} stopped reading. Disconnected clients reconnect on their own; others are unaffected.`;

export const publishFailed = (reason: string): string =>
  `The relay could not publish an update; clients keep the previous configs, and the relay tries again every 5 s: ${reason}`;

export const generationStuck = (generation: number): string =>
  `The workspace changed, but its generation did not grow, as after resetting git to an older commit. The relay serves it as generation ${generation}; a relay that starts now serves a lower one, which clients ignore. Undo changes with new commits (git revert).`;

export const generationUnknown = (path: string | undefined, reason: string): string =>
  `The relay cannot derive a generation for ${path ?? 'its configs'}: ${reason}. Clients need one to tell newer configs from older ones. Correct this, or set the option "generation" of the relay to "modified" or a function.`;

export const notTracked = 'git does not track it';

export const shallowClone =
  'its git repository is a shallow clone, so its commits cannot be counted (git fetch --unshallow completes it)';

export const gitFailed = (reason: string): string => `git failed (${reason})`;

export const badGeneration = 'the function "generation" did not return an integer above 0';

export const generationFailed = 'the function "generation" threw an error';

/** The body of an error response. */
export const errorBody = (status: number): string =>
  JSON.stringify({ error: STATUS_CODES[status]?.toLowerCase() ?? 'error' });
