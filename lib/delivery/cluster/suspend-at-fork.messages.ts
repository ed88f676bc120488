export const suspendedAtFork = (): string =>
  'This process has forked a worker, so it follows changes no longer (cluster is "suspend-primary"). Reads go on with the configs held; call resume() if it is to follow them again.';

export const forkFailed = (reason: unknown): string =>
  `The service could not be suspended at the fork, and follows changes as before. ${
    reason instanceof Error ? reason.message : ''
  }`;
