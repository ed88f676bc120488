/** Event on the application's event bus after every install; its payload is the `QuonfigUpdate`. */
export const QUONFIG_UPDATE_EVENT = 'quonfig.update';

/** Event on the application's event bus when the connection state changes; its payload is the new state. */
export const QUONFIG_CONNECTION_EVENT = 'quonfig.connection';

/** Token of the checked options, for the parts made from them. */
export const QUONFIG_OPTIONS = 'QUONFIG_OPTIONS';

/** Metadata of a method that `@OnQuonfigUpdate` marks. */
export const UPDATE_HANDLER_METADATA = 'quonfig:update-handler';
