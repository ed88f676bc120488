import { inSlices } from '../model/index.js';
import type { ClosedCounts, CountedConfig, Counter } from './evaluation-counts.js';

/** The event that tells how often which value was read, in pieces. */
export async function summariesEvent(
  { start, configs }: ClosedCounts,
  end: number,
): Promise<string[]> {
  const pieces: string[] = [];
  await inSlices(configs, (config) => {
    pieces.push(pieces.length === 0 ? '' : ',', summaryText(config));
  });
  return [`{"summaries":{"start":${start},"end":${end},"summaries":[`, ...pieces, ']}}'];
}

function summaryText({ key, type, counters }: CountedConfig): string {
  const texts = [...counters.values()].map(counterText);
  return `{"key":${JSON.stringify(key)},"type":${JSON.stringify(type)},"counters":[${texts.join()}]}`;
}

function counterText({ text, count, reason }: Counter): string {
  return `${text.slice(0, -1)},"count":${count},"reason":${reason}}`;
}
