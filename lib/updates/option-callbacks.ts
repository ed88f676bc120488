import type { Observable } from 'rxjs';
import type { QuonfigUpdate, SSEConnectionState } from '../interfaces/index.js';
import type { CallbackRunner } from './callback-runner.js';

/** The options that are called with events. */
export interface OptionCallbacks {
  readonly onConfigUpdate: ((update: QuonfigUpdate) => unknown) | undefined;
  readonly onSSEConnectionStateChange: ((state: SSEConnectionState) => unknown) | undefined;
}

/** Calls the callbacks of the options until the Observables complete. */
export function subscribeCallbacks(
  { onConfigUpdate, onSSEConnectionStateChange }: OptionCallbacks,
  updates$: Observable<QuonfigUpdate>,
  streamState$: Observable<SSEConnectionState>,
  callbacks: CallbackRunner,
): void {
  if (onConfigUpdate !== undefined) {
    updates$.subscribe((update) => {
      callbacks.run('onConfigUpdate', () => onConfigUpdate(update));
    });
  }
  if (onSSEConnectionStateChange !== undefined) {
    streamState$.subscribe((state) => {
      callbacks.run('onSSEConnectionStateChange', () => onSSEConnectionStateChange(state));
    });
  }
}
