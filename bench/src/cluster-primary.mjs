import cluster from 'node:cluster';
import { once } from 'node:events';
import { following } from './server-process.mjs';

/**
 * A cluster of Nest applications: `cluster-primary.mjs <variant> <workers> <url>`. The workers are forked one after the other,
 * so none waits for the processor. `empty` has no module, `transparent` a stream per worker, `shared` one for all. The primary
 * sends `{ starts, memory }`: for each worker the ms that its boot and the import of the package took, by the clock and of the
 * processor, and its bytes; then for each `{ watch }` the moment (ns) at which each worker had that
 * set.
 */

const [variant, workers, url] = process.argv.slice(2);

/** Gives how long an action took, by the clock and of the processor, in ms. */
async function timed(/** @type {() => Promise<any>} */ action) {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const result = await action();
  const { user, system } = process.cpuUsage(cpu);
  return { result, ms: performance.now() - started, cpuMs: (user + system) / 1e3 };
}

async function work() {
  const { Module } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  // An empty application does not import the package.
  const imported = await timed(async () => (variant === 'empty' ? {} : import('nestjs-quonfig')));
  const { QuonfigModule, QuonfigService } = imported.result;
  const policy = variant === 'shared' ? 'shared' : 'transparent';
  // oxlint-disable-next-line typescript/no-extraneous-class -- Nest's modules are classes
  class AppModule {}
  const booted = await timed(() => {
    const quonfig = () => QuonfigModule.forRoot({ ...following(url), cluster: policy });
    Module({ imports: variant === 'empty' ? [] : [quonfig()] })(AppModule);
    return NestFactory.createApplicationContext(AppModule, { logger: false });
  });
  const app = booted.result;
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
  process.send({
    start: {
      bootMs: booted.ms,
      bootCpuMs: booted.cpuMs,
      importMs: imported.ms,
      importCpuMs: imported.cpuMs,
    },
  });
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
  if (variant === 'shared') {
    const { startQuonfigPrimary } = await import('nestjs-quonfig');
    await startQuonfigPrimary(following(url));
  }
  const all = [];
  const starts = [];
  for (let count = 0; count < Number(workers); count++) {
    const worker = cluster.fork();
    const [{ start }] = await once(worker, 'message');
    all.push(worker);
    starts.push(start);
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
  process.send({ starts, memory });
}

await (cluster.isPrimary ? lead() : work());
