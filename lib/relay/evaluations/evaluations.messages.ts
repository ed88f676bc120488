export const contextsFailed = (count: number): string =>
  `The function evaluations.contexts of the relay failed, or took longer than 10 s, for ${count === 1 ? 'a request' : `${count} requests`}, which got status 500. Without the contexts that it returns, clients could claim any identity. Correct the function.`;
