import { stackText } from '../../errors/stack-text.js';

export const contextFailed = (transport: string, reason: unknown): string =>
  `The option "context" failed for a request (${transport}); its reads use the global contexts. Fix the function. ${stackText(reason)}`;

export const contextInvalid = (transport: string): string =>
  `The option "context" returned something other than contexts for a request (${transport}); its reads use the global contexts. Return an object such as { user: { key } }, or undefined.`;

export const contextNowAsync = (transport: string): string =>
  `The option "context" returned a promise during a read (${transport}), which cannot wait for it; the reads of this request use the global contexts. Later requests wait for it before their guards. Declare the function async so that every request does.`;

export const contextLate = (transport: string, waited: number): string =>
  `The promise of the option "context" has not settled after ${waited} ms (${transport}); the request continues, and its reads use the global contexts until it does. Use a shorter timeout for whatever the function waits for.`;

export const entryMissing = (parts: string): string =>
  `This application has ${parts}, but enableQuonfigContext was not called for it: the reads of their messages use the global contexts, because the option "context" applies only in Quonfig's guards and parameters. Add enableQuonfigContext(app) to main.ts, right after the application is created.`;
