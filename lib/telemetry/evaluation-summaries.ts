import { inSlices } from '../model/index.js';
import type { ClosedCounts, CountedValue } from './evaluation-counts.js';
import { selectedValue } from './selected-value.js';

interface Counter {
  configId?: string | undefined;
  conditionalValueIndex: number;
  configRowIndex: 0;
  weightedValueIndex?: number;
  selectedValue: Record<string, unknown>;
  count: number;
  reason: number;
}

/** What reads of one config came to. */
interface Summary {
  key: string;
  type: string;
  counters: Counter[];
}

/** The event that tells how often which value was read. Equal counters of two snapshots become one. */
export async function summariesEvent(
  { start, values }: ClosedCounts,
  end: number,
): Promise<string[]> {
  const summaries = new Map<string, Summary>();
  const counters = new Map<string, Counter>();
  await inSlices(values, (counted) => {
    const { key, type } = counted.outcome.config;
    const counter = counterOf(counted);
    const { count: _, reason: __, ...identity } = counter;
    const known = JSON.stringify([key, type, identity]);
    const before = counters.get(known);
    if (before !== undefined) {
      before.count += counter.count;
      return;
    }
    counters.set(known, counter);
    const group = `${type} ${key}`;
    const summary = summaries.get(group) ?? { key, type, counters: [] };
    summary.counters.push(counter);
    summaries.set(group, summary);
  });
  const texts: string[] = [];
  await inSlices(summaries.values(), (summary) => {
    texts.push(texts.length === 0 ? '' : ',', JSON.stringify(summary));
  });
  return [`{"summaries":{"start":${start},"end":${end},"summaries":[`, ...texts, ']}}'];
}

function counterOf({ outcome, value, count }: CountedValue): Counter {
  const { config, ruleIndex, weightedValueIndex, reason } = outcome;
  return {
    configId: config.id,
    conditionalValueIndex: ruleIndex,
    configRowIndex: 0,
    ...(weightedValueIndex !== undefined && { weightedValueIndex }),
    selectedValue: selectedValue(outcome, value),
    count,
    reason,
  };
}
