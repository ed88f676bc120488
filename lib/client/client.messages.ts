export const noScope = (): string =>
  'QuonfigContext.merge was called outside of a request. Set the option "context" so that requests have contexts, or wrap the call in QuonfigContext.run.';
