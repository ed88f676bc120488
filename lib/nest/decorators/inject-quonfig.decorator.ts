import { Inject } from '@nestjs/common';
import { getQuonfigToken } from '../quonfig.tokens.js';

/**
 * Injects the service of a named instance: `constructor(@InjectQuonfig('billing') private readonly quonfig: QuonfigService)`.
 * Without a name it is the same as the type alone.
 *
 * @publicApi
 */
export function InjectQuonfig(name?: string): PropertyDecorator & ParameterDecorator {
  return Inject(getQuonfigToken(name));
}
