export const requestTimedOut = (limitMs: number): string => `it timed out after ${limitMs} ms`;

export const crossOriginRedirect = (origin: string | undefined): string =>
  `the redirect to ${origin ?? 'an unreadable URL'} was not followed, to protect the SDK key. If you trust that origin, set it in apiUrls or streamUrl`;

export const tooManyRedirects = (): string => 'too many redirects';

export const unexpectedNotModified = (): string =>
  'the request was unconditional, so "not modified" is not a valid response';

export const bodyNotJson = (): string => 'it is not complete JSON in UTF-8';
