import cluster from 'node:cluster';
import { once } from 'node:events';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QuonfigModule, QuonfigService, startQuonfigPrimary } from 'nestjs-quonfig';
import { following } from './server-process.mjs';

/**
 * A cluster of Nest applications: `cluster-primary.mjs <variant> <workers> <url>`. The workers are forked one after the other,
 * so none waits for the processor. `empty` has no module, `transparent` a stream per worker, `shared` one for all. The primary
 * sends `{ boots, memory }`, in ms and bytes per worker; then for each `{ watch }` the moment (ns) at which each worker had that
 * set.
 */

const [variant, workers, url] = process.argv.slice(2);

async function work() {
  const started = performance.now();
  const policy = variant === 'shared' ? 'shared' : 'transparent';
  // oxlint-disable-next-line typescript/no-extraneous-class -- Nest's modules are classes
  class AppModule {}
  const quonfig = QuonfigModule.forRoot({ ...following(url), cluster: policy });
  Module({ imports: variant === 'empty' ? [] : [quonfig] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const bootMs = performance.now() - started;
  const arrivals = new Map();
  if (variant !== 'empty') {
    app.get(QuonfigService).updates$.subscribe(({ generation }) => {
      arrivals.set(generation, String(process.hrtime.bigint()));
    });
  }
  process.on('message', (/** @type {any} */ { watch }) => {
    if (watch === undefined) process.send({ memory: process.memoryUsage.rss() });
    else process.send({ at: arrivals.get(watch) });
  });
  process.send({ bootMs });
}

/** Asks a worker until it has an answer. */
async function ask(
  /** @type {import('node:cluster').Worker} */ worker,
  /** @type {object} */ what,
) {
  for (;;) {
    worker.send(what);
    const [answer] = await once(worker, 'message');
    if (Object.keys(answer).length > 0) return answer;
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

async function lead() {
  if (variant === 'shared') await startQuonfigPrimary(following(url));
  const all = [];
  const boots = [];
  for (let count = 0; count < Number(workers); count++) {
    const worker = cluster.fork();
    const [{ bootMs }] = await once(worker, 'message');
    all.push(worker);
    boots.push(bootMs);
  }
  const memory = [];
  for (const worker of all) memory.push((await ask(worker, {})).memory);
  const watchAll = async (/** @type {number} */ watch) => {
    const arrivals = await Promise.all(all.map((worker) => ask(worker, { watch })));
    process.send({ arrivals: arrivals.map(({ at }) => at) });
  };
  process.on('message', (/** @type {any} */ { watch }) => void watchAll(watch));
  process.on('disconnect', () => {
    for (const worker of all) worker.process.kill();
    process.exit(0);
  });
  process.send({ boots, memory });
}

await (cluster.isPrimary ? lead() : work());
