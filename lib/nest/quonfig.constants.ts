/** Event on the application's event bus after every install; its payload is the `QuonfigUpdate`. */
export const QUONFIG_UPDATE_EVENT = 'quonfig.update';

/** Event on the application's event bus when the connection state changes; its payload is the new state. */
export const QUONFIG_CONNECTION_EVENT = 'quonfig.connection';

/** Event on the application's event bus when the stream is refused; its payload is the `TerminalFailure`. */
export const QUONFIG_TERMINAL_FAILURE_EVENT = 'quonfig.terminal-failure';

/** Token of the checked options, for the parts made from them. */
export const QUONFIG_OPTIONS = 'QUONFIG_OPTIONS';

/** Token of the delivery in use: the local one or that of the network. */
export const QUONFIG_DELIVERY = 'QUONFIG_DELIVERY';

/** Metadata of a method that `@OnQuonfigUpdate` marks. */
export const UPDATE_HANDLER_METADATA = 'quonfig:update-handler';
