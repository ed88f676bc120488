import { TestValueError } from '../errors/index.js';
import { unknownRead } from './in-memory-reads.messages.js';
import { UnknownKeys } from './unknown-keys.js';

/** Throws for every unknown key, with a message for tests. */
export class StrictUnknownKeys extends UnknownKeys {
  override report(key: string): boolean {
    if (this.includes(key)) throw new TestValueError(key, unknownRead(this.suggestionFor(key)));
    return false;
  }
}
