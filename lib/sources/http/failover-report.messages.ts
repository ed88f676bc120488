export const secondaryTookOver = (reason: string): string =>
  `The primary API is not serving configs; the secondary API is serving them instead. ${reason}`;

export const primaryRecovered = 'The primary API is serving configs again.';
