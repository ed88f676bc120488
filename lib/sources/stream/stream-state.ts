/**
 * State of the stream. In `error`, it reconnects unless it was refused; `disconnected` means stopped or closed.
 *
 * @publicApi
 */
export type StreamState = 'connecting' | 'connected' | 'error' | 'disconnected';

/**
 * Why a connection was replaced: it failed (`worker_throw`), the server ended it (`worker_exit`), or nothing was received for
 * too long (`read_timeout`).
 *
 * @publicApi
 */
export type RestartReason = 'worker_throw' | 'worker_exit' | 'read_timeout';
