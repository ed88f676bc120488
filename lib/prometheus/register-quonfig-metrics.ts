import { Counter, Gauge, type Metric, type Registry, type RegistryContentType } from 'prom-client';
import { QuonfigError, type QuonfigService } from '../index.js';
import { type MetricDefinition, METRICS } from './metric-definitions.js';
import { alreadyRegistered } from './prometheus.messages.js';

/**
 * Options of {@link registerQuonfigMetrics}.
 *
 * @publicApi
 */
export interface QuonfigMetricsOptions {
  /** Value of the label `name`, to distinguish several services on one registry. Default: no such label. */
  name?: string | undefined;
}

/** The services of a registry, by name, and their shared metrics. */
interface Registered {
  readonly services: Map<string | undefined, QuonfigService>;
  readonly metrics: readonly Metric[];
}

// A registry accepts each metric name once, so all services of a registry share its metrics.
const byRegistry = new WeakMap<Registry<RegistryContentType>, Registered>();

/**
 * Registers the metrics of a service with a `prom-client` registry. They are collected on each scrape, even after the
 * service is closed.
 *
 * @param registry registry of `prom-client`, in either format
 * @param service the service to observe
 * @param options see {@link QuonfigMetricsOptions}
 * @returns a function that removes the service from the registry, and with the last service the metrics
 * @throws {QuonfigError} `duplicate_metrics`: the registry already has a service of that name
 * @example
 * ```ts
 * registerQuonfigMetrics(register, quonfig);
 * const unregister = registerQuonfigMetrics(register, billing, { name: 'billing' });
 * ```
 *
 * @publicApi
 */
export function registerQuonfigMetrics<ContentType extends RegistryContentType>(
  registry: Registry<ContentType>,
  service: QuonfigService<any>,
  { name }: QuonfigMetricsOptions = {},
): () => void {
  // The content type only affects the output, not registration.
  const target = registry as unknown as Registry<RegistryContentType>;
  const registered = registeredOn(target);
  if (registered.services.has(name)) {
    throw new QuonfigError('duplicate_metrics', alreadyRegistered(name));
  }
  registered.services.set(name, service);
  let removed = false;
  return () => {
    if (removed) return;
    removed = true;
    registered.services.delete(name);
    if (registered.services.size === 0) remove(target, registered);
  };
}

function registeredOn(registry: Registry<RegistryContentType>): Registered {
  const known = byRegistry.get(registry);
  // `registry.clear()` removes the metrics, so they are registered again.
  if (known?.metrics.every((metric) => isOn(registry, metric))) return known;
  const services: Registered['services'] = new Map();
  const metrics = METRICS.map((definition) => metricOf(definition, registry, services));
  const registered = { services, metrics };
  byRegistry.set(registry, registered);
  return registered;
}

function remove(registry: Registry<RegistryContentType>, { metrics }: Registered): void {
  for (const metric of metrics) {
    if (isOn(registry, metric)) registry.removeSingleMetric(nameOf(metric));
  }
  if (byRegistry.get(registry)?.metrics === metrics) byRegistry.delete(registry);
}

function metricOf(
  { kind, labelNames, read, ...described }: MetricDefinition,
  registry: Registry<RegistryContentType>,
  services: Registered['services'],
): Metric {
  const collect = (set: (labels: Record<string, string>, value: number) => void): void => {
    for (const [name, service] of services) {
      for (const { value, labels } of read(service)) {
        set({ ...labels, ...(name !== undefined && { name }) }, value);
      }
    }
  };
  const common = { ...described, labelNames: [...labelNames, 'name'], registers: [registry] };
  if (kind === 'gauge') {
    return new Gauge({
      ...common,
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
  }
  return new Counter({
    ...common,
    // The service counts: its total replaces that of the previous scrape.
    collect() {
      this.reset();
      collect((labels, value) => this.inc(labels, value));
    },
  });
}

function isOn(registry: Registry<RegistryContentType>, metric: Metric): boolean {
  return registry.getSingleMetric(nameOf(metric)) === metric;
}

/** The types of `prom-client` hide the name of a metric. */
function nameOf(metric: Metric): string {
  return (metric as unknown as { name: string }).name;
}
