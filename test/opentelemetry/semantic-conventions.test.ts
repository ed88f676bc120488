import { StandardResolutionReasons, TelemetryAttribute } from '@openfeature/core';
import * as published from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import * as ours from '../../lib/opentelemetry/semantic-conventions.js';

const own: Record<string, string> = { ...ours };
const theirs: Record<string, unknown> = { ...published };

describe('the names of the semantic conventions', () => {
  it('each name is the one that OpenTelemetry publishes', () => {
    expect(Object.keys(own)).toHaveLength(12);
    for (const [name, value] of Object.entries(own)) expect(value, name).toBe(theirs[name]);
  });

  it('OpenFeature uses the same names, apart from that of the error message, which it has not renamed yet', () => {
    const names = Object.values<string>(TelemetryAttribute);
    expect(names).toHaveLength(10);
    const known = Object.values(own);
    expect(names.filter((name) => !known.includes(name))).toEqual(['error.message']);
  });

  it('the reasons in lower case are those of OpenTelemetry', () => {
    const reasons = Object.entries(theirs)
      .filter(([name]) => name.startsWith('FEATURE_FLAG_RESULT_REASON_VALUE_'))
      .map(([, reason]) => reason);
    for (const reason of ['STATIC', 'TARGETING_MATCH', 'SPLIT', 'DEFAULT', 'ERROR'] as const) {
      expect(reasons).toContain(reason.toLowerCase());
      expect(StandardResolutionReasons[reason]).toBe(reason);
    }
  });
});
