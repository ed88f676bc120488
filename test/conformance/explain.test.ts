import { describe, expect, it } from 'vitest';
import type { BoundQuonfig, Contexts, EvaluationDetails } from '../../lib/index.js';
import {
  corpusExists,
  corpusIsRequired,
  readCorpus,
  readerOfCase,
  serviceOfCase,
} from '../support/conformance.js';

// Cases of `init` fail to start and never read.
const reads = readCorpus().local.filter(({ call }) => call !== 'init');

describe.runIf(corpusExists || corpusIsRequired)('explain agrees with reads', () => {
  it('explain is checked for every corpus case that reads a value', () => {
    expect(reads).toHaveLength(214);
  });

  it.for(reads.map((one) => [one.id, one] as const))(
    'explain agrees with reads in the corpus case %s',
    async ([, one]) => {
      const service = await serviceOfCase(one, 'ignore', () => 0.3);
      const reader = readerOfCase(service, one);
      const { key } = one;
      const contexts = one.contexts.local;

      const { outcome, ...trace } = reader.explain(key, contexts);
      const confidential = reader.getRawMatch(key, contexts)?.config.confidential === true;
      const details = detailsOf(reader, key, contexts);
      if (details === undefined) {
        expect(outcome.errorCode).toBe('FLAG_NOT_FOUND');
        return;
      }
      if (confidential && details.value !== undefined) {
        expect(outcome.value).toMatch(/^\*{5}[0-9a-f]{5}$/);
        expect(JSON.stringify([outcome, trace])).not.toContain(JSON.stringify(details.value));
      }
      expect({ ...outcome, value: undefined }).toEqual({ ...details, value: undefined });
      if (!confidential) expect(outcome.value).toEqual(details.value);

      const value = valueOf(reader, key, contexts);
      if (outcome.reason === 'ERROR') expect(value).toBeUndefined();
      else expect(value).toEqual(details.value);

      const matched = trace.rules.find((rule) => rule.matched);
      expect(matched !== undefined).toBe(reader.getRawMatch(key, contexts) !== undefined);
      if (outcome.flagMetadata.ruleIndex !== undefined) {
        expect(matched?.ruleIndex).toBe(outcome.flagMetadata.ruleIndex);
      }
      expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
    },
  );
});

/** Details from the getter for the declared type. */
function detailsOf(
  reader: BoundQuonfig,
  key: string,
  contexts: Contexts | undefined,
): EvaluationDetails | undefined {
  switch (reader.rawConfig(key)?.valueType) {
    case undefined:
      return undefined;
    case 'bool':
      return reader.getBoolDetails(key, contexts);
    case 'int':
    case 'double':
    case 'duration':
      return reader.getNumberDetails(key, contexts);
    case 'string_list':
      return reader.getStringListDetails(key, contexts);
    case 'json':
      return reader.getJSONDetails(key, contexts);
    default:
      return reader.getStringDetails(key, contexts);
  }
}

function valueOf(reader: BoundQuonfig, key: string, contexts: Contexts | undefined): unknown {
  try {
    return reader.get(key, contexts);
  } catch {
    return undefined;
  }
}
