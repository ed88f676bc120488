import type { HealthView } from '../lib/inspector/health-view.js';
import type { Answer } from './api.js';
import { hashOf, type Place } from './location.js';
import { Failure, Group, Time } from './parts.js';

export function HealthPage({ answer, place }: { answer: Answer<HealthView>; place: Place }) {
  const { data, error } = answer;
  return (
    <>
      <h2>Health</h2>
      <Failure text={error} />
      {data && <Health view={data} place={place} />}
    </>
  );
}

function Health({ view, place }: { view: HealthView; place: Place }) {
  const link = (key: string) => <a href={hashOf({ ...place, tab: 'keys', key })}>{key}</a>;
  return (
    <>
      {view.problems.length === 0 ? (
        <p class="fine">Nothing needs attention.</p>
      ) : (
        <ul class="notes">
          {view.problems.map(({ text, remedy }) => (
            <li key={text}>
              <strong>{text}</strong> {remedy}
            </li>
          ))}
        </ul>
      )}
      <Group title="State">
        <Facts facts={stateOf(view)} />
      </Group>
      <Group title="Counters">
        <Facts facts={countersOf(view)} />
      </Group>
      <Group title="Unknown keys that were read">
        {view.unknownKeys.length === 0 ? (
          <p>None since the last update.</p>
        ) : (
          <ul>
            {view.unknownKeys.map(({ key, suggestion }) => (
              <li key={key}>
                <code>{key}</code>
                {suggestion !== undefined && <> Did you mean {link(suggestion)}?</>}
              </li>
            ))}
          </ul>
        )}
      </Group>
      <Group title="Handlers">
        {view.callbacks.length === 0 ? (
          <p>None is registered.</p>
        ) : (
          <ul>
            {view.callbacks.map(({ name, keys, failures, lastFailedAt }) => (
              <li key={name}>
                <code>{name}</code> {keys && <>for {keys.join(', ') || 'every update'}</>}{' '}
                <span class={failures > 0 ? 'chip bad' : 'chip ok'}>
                  {failures === 1 ? '1 error' : `${failures} errors`}
                </span>
                {lastFailedAt && (
                  <span class="by">
                    {' '}
                    the last <Time at={String(lastFailedAt)} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Group>
      <Group title="Patterns">
        {view.patternCount === 0 ? (
          <p>No rule has a regular expression.</p>
        ) : (
          <ul>
            {view.patterns.map(({ key, pattern, engine, maxLength, problem }) => (
              <li key={`${key} ${pattern}`}>
                {link(key)} <code class="value">{pattern}</code>{' '}
                <span class={engine === 'none' ? 'chip bad' : 'chip'}>{engine}</span>
                <span class="by"> {problem ?? `strings of up to ${maxLength} characters`}</span>
              </li>
            ))}
          </ul>
        )}
        {view.patternCount > view.patterns.length && (
          <p class="by">{view.patternCount - view.patterns.length} more are not shown.</p>
        )}
      </Group>
    </>
  );
}

type Fact = readonly [name: string, value: unknown];
/** May be long. */
const LAST_ERROR = 'Last error';

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div key={name} class={name === LAST_ERROR ? 'wide' : undefined}>
          <dt>{name}</dt>
          <dd>{typeof value === 'object' && value !== null ? (value as never) : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function stateOf({ health, keyCount }: HealthView): Fact[] {
  return [
    ['Ready', health.ready ? 'yes' : 'no'],
    ['Connection', health.connectionState.replace('_', ' ')],
    ['Mode', health.mode],
    ['Environment', health.environment ?? 'none'],
    ['Source', health.source ?? 'none'],
    ['API', health.resolvedFrom || 'none'],
    ['Version', health.version ?? 'none'],
    ['Generation', health.generation],
    ['Keys', keyCount],
    ['Current as of', <Time at={health.lastSuccessfulRefresh} />],
    ['Age', health.ageMs === null ? 'unknown' : `${Math.round(health.ageMs / 1000)} s`],
    ['Polling', health.fallbackPollerActive ? 'yes' : 'no'],
    ['Stream refused', health.terminalFailure ? 'yes' : 'no'],
    ['Older than the files', health.olderThanFiles ? 'yes' : 'no'],
    ['Telemetry', health.telemetry],
    [LAST_ERROR, health.lastError ?? 'none'],
  ];
}

function countersOf({ health, metrics }: HealthView): Fact[] {
  const { sdkVersion, installs, callbackErrors, telemetry } = metrics;
  return [
    ['SDK', sdkVersion],
    ['Installs', installs],
    ['Stream restarts', health.restarts],
    ['Handler errors', callbackErrors],
    ['Telemetry reports sent', telemetry.batchesSent],
    ['Telemetry reports waiting', telemetry.batchesRetained],
  ];
}
