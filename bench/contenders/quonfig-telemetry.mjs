import { open as openQuonfig } from './quonfig.mjs';

/**
 * This package once more, with telemetry on: as it is with an SDK key, at a service that takes all reports.
 * @returns {Promise<import('../src/contender.mjs').Contender>}
 */
export async function open() {
  const telemetryUrl = process.env['BENCH_TELEMETRY_URL'];
  if (telemetryUrl === undefined) throw new Error('Run it with: npm run telemetry.');
  return openQuonfig({ sdkKey: 'qf_sk_bench', telemetryUrl, telemetryFlushIntervalMs: 1_000 });
}
