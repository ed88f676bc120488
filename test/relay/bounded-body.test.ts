import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { boundedBody } from '../../lib/relay/forwarding/bounded-body.js';
import { MemoryBudget } from '../../lib/relay/forwarding/memory-budget.js';

type Body = PassThrough & IncomingMessage;

function body(headers: Record<string, string> = {}): Body {
  return Object.assign(new PassThrough(), { headers }) as unknown as Body;
}

function limitsOf(budget: MemoryBudget) {
  return { maxBytes: 1_000, timeoutMs: 10_000, memory: budget.share(10)! };
}

it('a body that does not end in time is refused', async () => {
  const limits = { ...limitsOf(new MemoryBudget(1_000)), timeoutMs: 20 };
  const request = body();
  request.write('{');
  await expect(boundedBody(request, limits)).rejects.toMatchObject({ status: 408 });
});

it('a body that arrives after its deadline takes no memory', async () => {
  const budget = new MemoryBudget(1_000);
  const limits = { ...limitsOf(budget), timeoutMs: 20 };
  const request = body();
  await expect(boundedBody(request, limits)).rejects.toMatchObject({ status: 408 });
  limits.memory.close();
  request.end('x'.repeat(500));
  await new Promise((resolve) => setImmediate(resolve));
  expect(budget.share(1_000)).toBeDefined();
});

it('all bodies share one memory budget and release their share of it', async () => {
  const budget = new MemoryBudget(1_000);
  const first = limitsOf(budget);
  await boundedBody(body().end('x'.repeat(600)), first);
  const second = limitsOf(budget);
  const decoded = body({ 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(600)));
  await expect(boundedBody(decoded, second)).rejects.toMatchObject({ status: 503 });
  expect(budget.share(600)).toBeUndefined();
  first.memory.close();
  second.memory.close();
  expect(budget.share(1_000)).toBeDefined();
});
