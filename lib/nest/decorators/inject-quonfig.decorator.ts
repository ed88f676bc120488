import { Inject } from '@nestjs/common';
import { getQuonfigToken } from '../quonfig.tokens.js';

/**
 * Injects the service of a named instance.
 *
 * @param name name of the instance. If omitted, the unnamed one, as its type alone would inject
 * @returns a decorator for constructor parameters and properties
 * @example
 * ```ts
 * constructor(@InjectQuonfig('billing') private readonly quonfig: QuonfigService) {}
 * ```
 *
 * @publicApi
 */
export function InjectQuonfig(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getQuonfigToken(name));
}
