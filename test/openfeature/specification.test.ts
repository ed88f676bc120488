import {
  type Client,
  ErrorCode,
  type EvaluationContext,
  type EvaluationDetails,
  type Hook,
  type HookContext,
  type JsonValue,
  OpenFeature,
  type Provider,
  ProviderEvents,
  ProviderStatus,
  AsyncLocalStorageTransactionContextPropagator,
} from '@openfeature/server-sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config, Contexts, QuonfigService, ValueType } from '../../lib/index.js';
import { QuonfigProvider } from '../../lib/openfeature/index.js';
import { config, constant, rule, serviceOf, value, when } from '../support/configs.js';
import { clientOf, recordEvents, typesOf } from './support/client.js';

// What OpenFeature's specification (0.9) asks of a server provider and shows in its scenarios, in our own words. Its
// scenarios for the reasons CACHED and DISABLED have no counterpart: the SDK caches no result, and no config is disabled.

type Kind = 'Boolean' | 'String' | 'Number' | 'Object';

interface Row {
  readonly kind: Kind;
  readonly type: ValueType;
  readonly normal: JsonValue;
  readonly zero: JsonValue;
  readonly fallback: JsonValue;
}

const template = { showImages: true, title: 'Check out these pics!', imagesPerPage: 100 };
const rows: Row[] = [
  { kind: 'Boolean', type: 'bool', normal: true, zero: false, fallback: false },
  { kind: 'String', type: 'string', normal: 'hi', zero: '', fallback: 'bye' },
  { kind: 'Number', type: 'int', normal: 10, zero: 0, fallback: 1 },
  { kind: 'Number', type: 'double', normal: 0.5, zero: 0, fallback: 0.1 },
  { kind: 'Object', type: 'json', normal: template, zero: {}, fallback: { a: 1 } },
];

const ballmer = when('PROP_IS_ONE_OF', '.email', ['ballmer@macrosoft.com']);

const flags: Config[] = [
  ...rows.flatMap(({ type, normal, zero }) => [
    constant(`${type}-flag`, type, normal),
    constant(`${type}-zero-flag`, type, zero),
    config(`${type}-targeted-zero-flag`, type, [rule(value(type, zero), ballmer)]),
  ]),
  config('context-aware', 'string', [
    rule(
      value('string', 'INTERNAL'),
      ballmer,
      when('PROP_IS_ONE_OF', '.customer', ['false']),
      when('PROP_GREATER_THAN', '.age', 10),
    ),
    rule(value('string', 'EXTERNAL')),
  ]),
];

function evaluate(
  client: Client,
  kind: Kind,
  key: string,
  fallback: JsonValue,
  context?: EvaluationContext,
): Promise<EvaluationDetails<JsonValue>> {
  return client[`get${kind}Details` as 'getObjectDetails'](key, fallback, context);
}

let service: QuonfigService;
let client: Client;

beforeEach(async () => {
  service = await serviceOf(flags);
  client = await clientOf(new QuonfigProvider(service));
});

afterEach(() => {
  OpenFeature.clearHooks();
  OpenFeature.setContext({});
});

describe('flag evaluation by the OpenFeature specification', () => {
  describe.each(rows)(
    '$kind evaluation of type $type',
    ({ kind, type, normal, zero, fallback }) => {
      it('a flag resolves its value with key, variant and reason STATIC', async () => {
        expect(await evaluate(client, kind, `${type}-flag`, fallback)).toMatchObject({
          flagKey: `${type}-flag`,
          value: normal,
          variant: 'static',
          reason: 'STATIC',
        });
      });

      it('a zero value is a value', async () => {
        const details = await evaluate(client, kind, `${type}-zero-flag`, normal);
        expect(details).toMatchObject({ reason: 'STATIC' });
        expect(details.value).toEqual(zero);
      });

      it('a zero value from targeting has the reason TARGETING_MATCH', async () => {
        const context = { email: 'ballmer@macrosoft.com' };
        const key = `${type}-targeted-zero-flag`;
        const details = await evaluate(client, kind, key, normal, context);
        expect(details).toMatchObject({ reason: 'TARGETING_MATCH', variant: 'targeting:0' });
        expect(details.value).toEqual(zero);
      });

      it.each<[string, EvaluationContext | undefined]>([
        ['another context', { email: 'ballmer@none.com' }],
        ['an empty context', {}],
        ['no context', undefined],
        ['a null property', { email: null }],
      ])('without a match, the default has the reason DEFAULT: %s', async (_, context) => {
        const key = `${type}-targeted-zero-flag`;
        const details = await evaluate(client, kind, key, fallback, context);
        expect(details).toMatchObject({ value: fallback, reason: 'DEFAULT' });
        expect(details).not.toHaveProperty('errorCode');
      });

      it('a flag that does not exist is FLAG_NOT_FOUND with the default', async () => {
        expect(await evaluate(client, kind, 'non-existent-flag', fallback)).toMatchObject({
          value: fallback,
          reason: 'ERROR',
          errorCode: ErrorCode.FLAG_NOT_FOUND,
          errorMessage: expect.stringContaining('non-existent-flag'),
        });
      });

      it('a flag of another type is TYPE_MISMATCH with the default', async () => {
        const other = kind === 'String' ? 'bool-flag' : 'string-flag';
        expect(await evaluate(client, kind, other, fallback)).toMatchObject({
          value: fallback,
          reason: 'ERROR',
          errorCode: ErrorCode.TYPE_MISMATCH,
        });
      });

      it('the value method returns the value of the details', async () => {
        const method = `get${kind}Value` as 'getObjectValue';
        expect(await client[method](`${type}-flag`, fallback)).toEqual(normal);
      });
    },
  );

  it('several properties of a context target together', async () => {
    const context = { email: 'ballmer@macrosoft.com', role: 'admin', age: 65, customer: false };
    expect(await client.getStringDetails('context-aware', 'none', context)).toMatchObject({
      value: 'INTERNAL',
      reason: 'TARGETING_MATCH',
    });
    expect(await client.getStringValue('context-aware', 'none')).toBe('EXTERNAL');
  });

  it('details, their metadata and values cannot be changed for later evaluations', async () => {
    const details = await client.getObjectDetails('json-flag', {});
    expect(Object.isFrozen(details.flagMetadata)).toBe(true);
    expect(() => Object.assign(details.value as object, { title: 'changed' })).toThrow(TypeError);
    expect(await client.getObjectValue('json-flag', {})).toEqual(template);
  });
});

describe('provider status by the OpenFeature specification', () => {
  /** A provider that is stuck in a phase of its life. */
  const stuck = (initialize: () => Promise<void>): Provider =>
    Object.assign(new QuonfigProvider(service), { initialize });

  it('the OpenFeature SDK does not ask a provider that is not ready yet', async () => {
    OpenFeature.setProvider(
      'pending',
      stuck(() => new Promise(() => undefined)),
    );
    const pending = OpenFeature.getClient('pending');
    expect(pending.providerStatus).toBe(ProviderStatus.NOT_READY);
    expect(await pending.getStringDetails('string-flag', 'bye')).toMatchObject({
      value: 'bye',
      errorCode: ErrorCode.PROVIDER_NOT_READY,
    });
  });

  it('the status of a provider on a loaded service is READY', () => {
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });

  it('a handler for PROVIDER_READY that is added late runs', () => {
    expect(typesOf(recordEvents(client))).toEqual([ProviderEvents.Ready]);
  });
});

describe('hooks by the OpenFeature specification', () => {
  interface Stage {
    readonly stage: string;
    readonly context: HookContext;
    readonly details?: unknown;
  }

  function recordingHook(): { hook: Hook; stages: Stage[] } {
    const stages: Stage[] = [];
    const hook: Hook = {
      before: (context) => void stages.push({ stage: 'before', context }),
      after: (context, details) => void stages.push({ stage: 'after', context, details }),
      error: (context, details) => void stages.push({ stage: 'error', context, details }),
      finally: (context, details) => void stages.push({ stage: 'finally', context, details }),
    };
    return { hook, stages };
  }

  it('before, after and finally run with the details of the evaluation', async () => {
    const { hook, stages } = recordingHook();
    client.addHooks(hook);
    await client.getBooleanDetails('bool-flag', false);
    expect(stages.map(({ stage }) => stage)).toEqual(['before', 'after', 'finally']);
    for (const { details } of stages.slice(1)) {
      expect(details).toMatchObject({
        flagKey: 'bool-flag',
        value: true,
        variant: 'static',
        reason: 'STATIC',
      });
    }
    expect(stages[0]!.context.providerMetadata).toEqual({ name: 'quonfig' });
  });

  it.each([
    ['missing-flag', ErrorCode.FLAG_NOT_FOUND],
    ['bool-flag', ErrorCode.TYPE_MISMATCH],
  ])('an error of %s runs error and finally with the code %s', async (key, errorCode) => {
    const { hook, stages } = recordingHook();
    await client.getStringDetails(key, 'uh-oh', {}, { hooks: [hook] });
    expect(stages.map(({ stage }) => stage)).toEqual(['before', 'error', 'finally']);
    expect(stages[1]!.details).toMatchObject({ code: errorCode });
    expect(stages[2]!.details).toMatchObject({
      flagKey: key,
      value: 'uh-oh',
      reason: 'ERROR',
      errorCode,
    });
    expect(stages[2]!.details).not.toHaveProperty('variant');
  });
});

describe('the merged context by the OpenFeature specification', () => {
  const levels = ['API', 'Transaction', 'Client', 'Invocation', 'Before hooks'];

  /** The contexts that the service reads with if these levels set a property of their own and a shared one. */
  async function contextsWith(used: readonly string[]): Promise<Contexts> {
    const of = (level: string): EvaluationContext =>
      used.includes(level) ? { [`levels.${level}`]: true, 'levels.last': level } : {};
    let contexts: Contexts = {};
    service.reads$.subscribe((read) => (contexts = read.contexts));
    OpenFeature.setTransactionContextPropagator(
      new AsyncLocalStorageTransactionContextPropagator(),
    );
    OpenFeature.setContext(of('API'));
    client.setContext(of('Client'));
    const hooks = [{ before: () => of('Before hooks') }];
    await new Promise((resolve, reject) => {
      OpenFeature.setTransactionContext(of('Transaction'), () => {
        client
          .getBooleanValue('bool-flag', false, of('Invocation'), { hooks })
          .then(resolve, reject);
      });
    });
    return contexts;
  }

  it.each(levels)('a property of the level %s reaches the evaluation', async (level) => {
    expect(await contextsWith([level])).toEqual({ levels: { [level]: true, last: level } });
  });

  it.each(levels)('the level %s takes precedence over those before it', async (level) => {
    const used = levels.slice(0, levels.indexOf(level) + 1);
    expect(await contextsWith(used)).toEqual({
      levels: { ...Object.fromEntries(used.map((name) => [name, true])), last: level },
    });
  });
});
