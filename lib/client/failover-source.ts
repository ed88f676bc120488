import type { Delivery } from '../delivery/delivery.js';
import type { FailoverSource } from '../telemetry/report/failover-counts.js';

/** The delivery's counters in the terms of a telemetry report. */
export function failoverSource(delivery: Delivery): FailoverSource {
  return {
    totals: () => {
      const { hedges, failovers, guardRejected, installsFrom } = delivery.counters;
      return {
        hedgeFired: hedges + failovers,
        guardRejected,
        resolvedFromPrimary: installsFrom.primary,
        resolvedFromSecondary: installsFrom.secondary,
      };
    },
    counted$: delivery.counted$,
  };
}
