export const secondaryTookOver = (reason: string): string =>
  `The primary API fails to serve configs; the secondary API serves them in its place. ${reason}`;

export const primaryRecovered = 'The primary API serves configs again.';
