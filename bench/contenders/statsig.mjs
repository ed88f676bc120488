import Statsig from 'statsig-node';
import { experiment, gates } from '../src/statsig-specs.mjs';
import { versionOf } from '../src/contender.mjs';

/** The server client in JavaScript: bootstrapped, local mode, no exposure logged. */

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const { StatsigServer } = Statsig;
  const client = new StatsigServer('secret-bench', {
    localMode: true,
    disableAllLogging: true,
    disableDiagnostics: true,
    initStrategyForIP3Country: 'none',
    initStrategyForIDLists: 'none',
    bootstrapValues: JSON.stringify({
      has_updates: true,
      time: 1,
      feature_gates: gates(),
      dynamic_configs: [experiment()],
      layer_configs: [],
    }),
  });
  await client.initializeAsync();
  const unlogged = { disableExposureLogging: true };
  return {
    version: await versionOf('statsig-node'),
    bool: (key, context) => client.checkGate(context, key, unlogged),
    string: (key, context) => client.getExperiment(context, key, unlogged).value.layout,
    context: ({ key, email, plan, country, age }) => ({
      userID: key,
      email,
      country,
      custom: { plan, age },
    }),
    close: () => client.shutdownAsync(),
  };
}
