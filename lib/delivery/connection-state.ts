/**
 * Whether what is held follows its source. There are no other words.
 *
 * @publicApi
 */
export type ConnectionState = 'initializing' | 'connected' | 'falling_back' | 'disconnected';
