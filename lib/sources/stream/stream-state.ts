/**
 * State of the stream: `error` will be retried, unless the stream was refused; `disconnected` is stopped or closed.
 *
 * @publicApi
 */
export type StreamState = 'connecting' | 'connected' | 'error' | 'disconnected';

/**
 * Why a connection was replaced: it failed, it ended in order, or it was silent for too long.
 *
 * @publicApi
 */
export type RestartReason = 'worker_throw' | 'worker_exit' | 'read_timeout';
