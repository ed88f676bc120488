export const alreadyInstrumented = (): string =>
  'This Quonfig service is already instrumented, and a second time would record every event twice. Instrument it ' +
  'once, or first call the function that instrumentQuonfig returned.';
