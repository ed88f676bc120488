import core from '@statsig/statsig-node-core';
import { experiment, gates } from '../src/statsig-specs.mjs';
import { versionOf } from '../src/contender.mjs';

/**
 * The server client in Rust, called through a native module. Specs come from a data store in memory, nothing is
 * logged or fetched. Memory it takes outside the JavaScript heap is not in its bytes.
 */

/** Its format keeps each different condition once, under an id. */
function specs() {
  /** @type {Record<string, object>} */
  const conditions = {};
  const ids = new Map();
  const idOf = (/** @type {object} */ condition) => {
    const text = JSON.stringify(condition);
    if (!ids.has(text)) {
      ids.set(text, `condition-${ids.size}`);
      conditions[ids.get(text)] = condition;
    }
    return ids.get(text);
  };
  const byName = (/** @type {ReturnType<typeof gates>} */ list) =>
    Object.fromEntries(
      list.map(({ name, ...spec }) => [
        name,
        {
          ...spec,
          rules: spec.rules.map((/** @type {any} */ rule) => ({
            ...rule,
            conditions: rule.conditions.map(idOf),
          })),
        },
      ]),
    );
  return {
    has_updates: true,
    time: Date.now(),
    response_format: 'dcs-v2',
    feature_gates: byName(gates()),
    dynamic_configs: byName([experiment()]),
    layer_configs: {},
    layers: {},
    experiment_to_layer: {},
    param_stores: {},
    condition_map: conditions,
  };
}

/** @returns {Promise<import('../src/contender.mjs').Contender>} */
export async function open() {
  const { Statsig, StatsigUser } = core;
  const result = JSON.stringify(specs());
  const nothing = async () => {};
  const client = new Statsig('secret-bench', {
    disableNetwork: true,
    disableAllLogging: true,
    disableCountryLookup: true,
    outputLogLevel: 'none',
    specAdaptersConfig: [{ adapterType: 'data_store', initTimeoutMs: 10_000 }],
    dataStore: {
      initialize: nothing,
      shutdown: nothing,
      set: nothing,
      get: async () => ({ result, time: Date.now() }),
      supportPollingUpdatesFor: async () => false,
    },
  });
  const started = await client.initialize();
  if (!started.isSuccess) throw new Error(started.error);
  const unlogged = { disableExposureLogging: true };
  return {
    version: await versionOf('@statsig/statsig-node-core'),
    bool: (key, context) => client.checkGate(context, key, unlogged),
    string: (key, context) => client.getExperiment(context, key, unlogged).value.layout,
    context: ({ key, email, plan, country, age }) =>
      new StatsigUser({ userID: key, email, country, custom: { plan, age } }),
    close: () => client.shutdown(1_000),
  };
}
