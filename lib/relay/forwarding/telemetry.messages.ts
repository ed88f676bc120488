export const forwardFailed = (reason: string): string =>
  `The relay could not forward the telemetry of a client: ${reason}. Clients keep their reports for a few minutes and send them again; evaluations are unaffected. Check that the telemetry service is reachable from the relay.`;

export const forwardRefused = (status: number): string =>
  `The telemetry service refused the key of the relay with status ${status}. The telemetry of clients is lost; evaluations are unaffected. Check the option telemetry.sdkKey of the relay.`;

export const forwardRecovered = 'Forwarding the telemetry of clients works again.';

/** The body of the response if telemetry is not forwarded. */
export const notAccepted =
  'This relay does not forward telemetry. Set the option telemetry of the relay, or point telemetryUrl of the client at the telemetry service; collectEvaluationSummaries: false with contextUploadMode: "none" turns telemetry off.';
