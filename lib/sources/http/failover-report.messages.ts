export const secondaryAnswers = (reason: string): string =>
  `The primary address for configs fails, and the secondary answers in its place. ${reason}`;

export const primaryAnswers = 'The primary address for configs answers again.';
