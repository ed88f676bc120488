import { describe, expect, it } from 'vitest';
import { isCutOff } from '../../../lib/delivery/cluster/cut-off.js';

const SECOND = 1_000;
const network = {
  connectionState: 'disconnected',
  terminalFailure: false,
  mode: 'stream',
} as const;
const deadlines = {
  sseReadDeadlineMs: 90 * SECOND,
  fallbackPollEnabled: true,
  fallbackPollIntervalMs: 30 * SECOND,
};

/** How long a process leads before it is cut off, in seconds. */
function secondsOfLead(outdatedBefore: number | undefined, more: Partial<typeof deadlines> = {}) {
  for (let leading = 0; leading < 10_000; leading++) {
    const ageMs = outdatedBefore === undefined ? undefined : (outdatedBefore + leading) * SECOND;
    const facts = { ...network, ageMs };
    if (isCutOff(facts, leading * SECOND, { ...deadlines, ...more })) return leading;
  }
  throw new Error('It leads for hours.');
}

describe('a leading process that does not reach Quonfig', () => {
  it('a leader is cut off after the read deadline, or after two polling intervals if that is longer', () => {
    expect(secondsOfLead(0)).toBe(91);
    expect(secondsOfLead(undefined)).toBe(91);
    expect(secondsOfLead(0, { fallbackPollIntervalMs: 100 * SECOND })).toBe(201);
    const off = { fallbackPollEnabled: false, fallbackPollIntervalMs: 100 * SECOND };
    expect(secondsOfLead(0, off)).toBe(91);
  });

  it('in an outage, each process leads as long as the outage has lasted before', () => {
    let outage = 0;
    let leaders = 0;
    for (; outage < 3_600; leaders++) outage += secondsOfLead(outage);
    expect(leaders).toBe(7);
  });

  it('a refresh counts as contact, however long the process has been leading', () => {
    expect(isCutOff({ ...network, ageMs: 60 * SECOND }, 3_600 * SECOND, deadlines)).toBe(false);
    expect(isCutOff({ ...network, ageMs: 91 * SECOND }, 3_600 * SECOND, deadlines)).toBe(true);
  });

  it.each([
    ['whose stream is connected', { connectionState: 'connected' }],
    ['whose SDK key was refused', { terminalFailure: true }],
    ['that fetches only when the application asks for it', { mode: 'manual' }],
  ] as const)('one %s is never cut off', (_, facts) => {
    const lost = { ...network, ageMs: 3_600 * SECOND };
    expect(isCutOff(lost, 3_600 * SECOND, deadlines)).toBe(true);
    expect(isCutOff({ ...lost, ...facts }, 3_600 * SECOND, deadlines)).toBe(false);
  });
});
