export const alreadyInstrumented = (): string =>
  'This Quonfig service is already instrumented; instrumenting it again would record every event twice. Instrument it ' +
  'once, or first call the function that instrumentQuonfig returned.';

export const noService =
  'service is missing or is not a QuonfigService. Pass the injected service, or one from QuonfigService.create().';

export const wrongOption = (name: string, accepted: string): string =>
  `${name} has an unusable value. Pass ${accepted}, or omit it.`;
