/**
 * Event on the application's event bus after every install; its payload is the `QuonfigUpdate`.
 *
 * @publicApi
 */
export const QUONFIG_UPDATE_EVENT = 'quonfig.update';

/**
 * Event on the application's event bus when the connection state changes; its payload is the new state.
 *
 * @publicApi
 */
export const QUONFIG_CONNECTION_EVENT = 'quonfig.connection';

/**
 * Event on the application's event bus when the server refuses the stream; its payload is the `TerminalFailure`.
 *
 * @publicApi
 */
export const QUONFIG_TERMINAL_FAILURE_EVENT = 'quonfig.terminal-failure';

/** Token of all parts of an instance, its checked options among them. */
export const QUONFIG_PARTS = 'QUONFIG_PARTS';

/** Token of the `UpdateDelivery`, which delivers updates to handlers and to the event bus. */
export const QUONFIG_UPDATE_DELIVERY = 'QUONFIG_UPDATE_DELIVERY';

/** Token of the `QuonfigLifecycle`, which ties an instance to the application's lifecycle. */
export const QUONFIG_LIFECYCLE = 'QUONFIG_LIFECYCLE';

/** Metadata of a method that `@OnQuonfigUpdate` marks. */
export const UPDATE_HANDLER_METADATA = 'quonfig:update-handler';

/** Token of the entry that lets HTTP requests run with their contexts. */
export const QUONFIG_HTTP_ENTRY = 'QUONFIG_HTTP_ENTRY';

/** Token of the contexts of requests; absent without the option `context`. */
export const QUONFIG_REQUEST_CONTEXTS = 'QUONFIG_REQUEST_CONTEXTS';

/** Token of the `MissingEntryCheck`. */
export const QUONFIG_MISSING_ENTRY_CHECK = 'QUONFIG_MISSING_ENTRY_CHECK';

/** Token of the `CallScopes`, with which guards and parameters read. */
export const QUONFIG_CALL_SCOPES = 'QUONFIG_CALL_SCOPES';
