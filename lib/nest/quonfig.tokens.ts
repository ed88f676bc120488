import type { Abstract, InjectionToken, Type } from '@nestjs/common';
import { PARTS } from '../client/parts.js';
import { QuonfigService } from '../client/quonfig.service.js';
import { QuonfigError } from '../errors/index.js';
import { QuonfigLogger } from './logger/quonfig.logger.js';
import { notAPart } from './nest.messages.js';

/**
 * Returns the token under which a module registers its service, or another of its parts.
 *
 * @example
 * ```ts
 * getQuonfigToken();                        // QuonfigService itself
 * getQuonfigToken('billing');               // the service of the instance named billing
 * getQuonfigToken('billing', ConfigStore);  // its store
 * ```
 *
 * @param name name of the instance; omit it for the unnamed one
 * @param part class of the part; `QuonfigService` by default
 * @returns the class itself for the unnamed instance, else a string
 * @throws {QuonfigError} `unknown_part`: a name together with a class that is not a part of an instance
 * @publicApi
 */
export function getQuonfigToken(
  name?: string,
  part: Type | Abstract<unknown> | string = QuonfigService,
): InjectionToken {
  if (name === undefined) return part;
  if (part === QuonfigService) return instanceToken(name, 'service');
  if (part === QuonfigLogger) return instanceToken(name, 'logger');
  const row = PARTS.find(({ token }) => token === part);
  if (row !== undefined) return instanceToken(name, row.name);
  if (typeof part === 'string') return instanceToken(name, part);
  throw new QuonfigError('unknown_part', notAPart(part.name));
}

function instanceToken(name: string, part: string): string {
  return `quonfig:${name}:${part}`;
}
