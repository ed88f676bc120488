import { Counter, Gauge, type Metric, type Registry, type RegistryContentType } from 'prom-client';
import { QuonfigError, type QuonfigService } from '../index.js';
import { type MetricDefinition, METRICS } from './metric-definitions.js';
import { alreadyRegistered } from './prometheus.messages.js';

/** @publicApi */
export interface QuonfigMetricsOptions {
  /** Value of the label `name`, to tell several services on one registry apart. Without it there is no such label. */
  name?: string;
}

/** The services of a registry, by name, and the metrics through which they are read. */
interface Registered {
  readonly services: Map<string | undefined, QuonfigService>;
  readonly metrics: readonly Metric[];
}

// A registry takes a metric of a name once, so all services of a registry share its metrics.
const byRegistry = new WeakMap<Registry<RegistryContentType>, Registered>();

/**
 * Offers the metrics of a service on a registry of `prom-client`. They are read when the registry is scraped, also after
 * the service was closed.
 *
 * ```ts
 * registerQuonfigMetrics(register, quonfig);
 * const unregister = registerQuonfigMetrics(register, billing, { name: 'billing' });
 * ```
 *
 * @returns takes the service off the registry again, and the metrics with the last service
 * @throws QuonfigError (`duplicate_metrics`) when the registry has a service of that name already
 * @publicApi
 */
export function registerQuonfigMetrics<ContentType extends RegistryContentType>(
  registry: Registry<ContentType>,
  service: QuonfigService,
  { name }: QuonfigMetricsOptions = {},
): () => void {
  // What is put on a registry does not depend on the format that it is read in.
  const target = registry as unknown as Registry<RegistryContentType>;
  const registered = registeredOn(target);
  if (registered.services.has(name)) {
    throw new QuonfigError('duplicate_metrics', alreadyRegistered(name));
  }
  registered.services.set(name, service);
  let over = false;
  return () => {
    if (over) return;
    over = true;
    registered.services.delete(name);
    if (registered.services.size === 0) remove(target, registered);
  };
}

function registeredOn(registry: Registry<RegistryContentType>): Registered {
  const known = byRegistry.get(registry);
  // After `clear()` of the registry everything begins anew.
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
    // The service does the counting: its number replaces the one of the scrape before.
    collect() {
      this.reset();
      collect((labels, value) => this.inc(labels, value));
    },
  });
}

function isOn(registry: Registry<RegistryContentType>, metric: Metric): boolean {
  return registry.getSingleMetric(nameOf(metric)) === metric;
}

/** Which the types of `prom-client` keep to themselves. */
function nameOf(metric: Metric): string {
  return (metric as unknown as { name: string }).name;
}
