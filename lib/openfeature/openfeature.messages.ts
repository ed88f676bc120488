export const noService =
  'service is missing or is not a QuonfigService. Pass the injected service, or one from QuonfigService.create().';

export const wrongOption = (name: string, accepted: string): string =>
  `${name} has an unusable value. Pass ${accepted}, or omit it.`;

export const notReady =
  'No configs have been loaded yet, so evaluations return the default value. The SDK keeps trying; PROVIDER_READY follows when configs arrive. The log says why loading fails.';

export const invalidContext =
  'The evaluation context cannot be read: it is not an object, or reading one of its properties throws. The evaluation returns the default value. Pass an object with plain values.';

export const refusedWithoutConfigs =
  'The server refused the stream before any configs were loaded, so evaluations return the default value. Correct the SDK key or URL, then restart or call reconnect().';

export const refused =
  'The server refused the stream, and the SDK stopped connecting: changes do not arrive. Evaluations continue with the current configs. Correct the SDK key or URL, then restart or call reconnect().';

export const stale =
  'Changes do not arrive: the stream is down, and polling fails or is off. Evaluations continue with the current configs. Check the network, or call resume() if the service is suspended.';

export const closed =
  'The Quonfig service is closed: changes no longer arrive. Evaluations continue with the current configs. Set a provider on a new service.';

export const recovered = 'Changes arrive again.';

export const trackingFailed = (event: string, reason: string): string =>
  `onTrack failed for the event "${event}": ${reason}. The event is lost; evaluations are unaffected.`;
