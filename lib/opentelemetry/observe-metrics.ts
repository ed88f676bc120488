import {
  type Attributes,
  type BatchObservableCallback,
  type Meter,
  type Observable,
} from '@opentelemetry/api';
import { METRICS, type Observed } from './metric-definitions.js';

/**
 * Observes all metrics whenever the application's SDK collects them.
 *
 * @param attributes of every sample
 * @returns a function that ends it
 */
export function observeMetrics(
  meter: Meter,
  observed: Observed,
  attributes: Attributes,
): () => void {
  const instruments: Observable[] = METRICS.map(({ kind, name, unit, description }) =>
    meter[`createObservable${kind}`](name, { unit, description }),
  );
  const collect: BatchObservableCallback = (result) => {
    for (const [index, { read }] of METRICS.entries()) {
      for (const sample of read(observed)) {
        result.observe(instruments[index]!, sample.value, { ...sample.attributes, ...attributes });
      }
    }
  };
  meter.addBatchObservableCallback(collect, instruments);
  return () => meter.removeBatchObservableCallback(collect, instruments);
}
