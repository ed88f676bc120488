import { describe, expect, it } from 'vitest';
import { messageText } from '../../lib/errors/message-text.js';
import { ClosedError } from '../../lib/index.js';

function throwing(): never {
  throw new Error('a trap');
}

describe('messageText', () => {
  it('messageText returns the message of an error', () => {
    expect(messageText(new Error('no space'))).toBe('no space');
    expect(messageText(new ClosedError())).toContain('closed');
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string, which may be a secret', 'secret'],
    ['an object without a message', {}],
    ['an error whose message is an object', Object.assign(new Error('x'), { message: {} })],
    [
      'an error whose message throws',
      Object.defineProperty(new Error(), 'message', { get: throwing }),
    ],
    ['a proxy that throws', new Proxy({}, { get: throwing, getPrototypeOf: throwing })],
  ])('messageText returns "unknown error" for %s', (_, thrown) => {
    expect(messageText(thrown)).toBe('unknown error');
  });
});
