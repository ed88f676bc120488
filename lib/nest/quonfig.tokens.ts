import type { Abstract, InjectionToken, Type } from '@nestjs/common';
import { QuonfigService } from '../client/quonfig.service.js';

/**
 * The token under which a module registers its service, or another of its parts.
 *
 * ```ts
 * getQuonfigToken();                        // QuonfigService itself
 * getQuonfigToken('billing');               // the service of the instance named billing
 * getQuonfigToken('billing', ConfigStore);  // its store
 * ```
 *
 * @param name name of the instance; without it, the one that has no name
 * @param part class of the part, `QuonfigService` by default
 * @publicApi
 */
export function getQuonfigToken(
  name?: string,
  part: Type | Abstract<unknown> | string = QuonfigService,
): InjectionToken {
  if (name === undefined) return part;
  return `${typeof part === 'string' ? part : part.name}:${name}`;
}
