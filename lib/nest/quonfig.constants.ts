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

/** Token of the `QuonfigLifecycle`, which ties an instance to the application's lifecycle. */
export const QUONFIG_LIFECYCLE = 'QUONFIG_LIFECYCLE';

/** Metadata of a method that `@OnQuonfigUpdate` marks. */
export const UPDATE_HANDLER_METADATA = 'quonfig:update-handler';

/** Token of the `RequestEntry`, which lets requests run with their contexts. */
export const QUONFIG_REQUEST_ENTRY = 'QUONFIG_REQUEST_ENTRY';

/** Token of the `CallScopes`, with which guards and parameters read. */
export const QUONFIG_CALL_SCOPES = 'QUONFIG_CALL_SCOPES';
