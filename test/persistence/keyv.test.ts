import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectTo, serve } from '../support/networked.js';
import { greetingSavedIn, saveTo, versions } from './support/keyvs.js';

describe.each(versions)('a Keyv %s as a store', (_, newKeyv) => {
  it('a process starts from what another one saved in the same Keyv', async () => {
    const keyv = newKeyv();
    await saveTo(keyv);
    expect(await greetingSavedIn(keyv)).toBe('saved');
  });

  it('saved configs expire after maxAge', async () => {
    const keyv = newKeyv();
    const server = await serve();
    const { service } = await connectTo(server, { persistence: { store: keyv, maxAge: 60_000 } });
    const get = vi.spyOn(keyv, 'get');
    await service.close();
    const [key] = get.mock.calls[0]!;
    expect(await keyv.get(key)).toEqual(expect.any(String));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await keyv.get(key)).toBeUndefined();
  });
});
