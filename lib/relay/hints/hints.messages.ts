export const hintsFailed = (reason: string): string =>
  `The relay cannot reach the other relays: ${reason}. Updates still arrive from the source, but later on some relays. Check that Redis or the microservices of the option hints are reachable.`;

export const hintsRecovered = 'Hints from other relays arrive again.';

export const hintedRefreshFailed = (reason: string): string =>
  `Another relay has newer configs, but they could not be fetched: ${reason}. They arrive when the source delivers them.`;
