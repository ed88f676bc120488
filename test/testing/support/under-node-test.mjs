// Run by `node --test`: the service for tests under Node's own runner.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createTestQuonfig } from '../../../dist/testing/index.js';

void describe('under node:test', { concurrency: true }, () => {
  const quonfig = createTestQuonfig({ limit: 20, 'checkout.new': false });
  afterEach(() => quonfig.reset());

  void it('sets values', () => {
    quonfig.with({}, () => {
      quonfig.set('limit', 30);
      assert.equal(quonfig.getNumber('limit'), 30);
    });
  });

  for (const limit of [1, 2, 3]) {
    void it(`concurrent tests do not mix: ${limit}`, async () => {
      await quonfig.with({ limit }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(quonfig.getNumber('limit'), limit);
      });
    });
  }

  void it('a misspelled key fails', () => {
    assert.throws(() => quonfig.isEnabled('checkout.nwe'), { code: 'test_value' });
  });
});
