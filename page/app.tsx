import { useEffect, useState } from 'preact/hooks';
import type { HealthView } from '../lib/inspector/health-view.js';
import { listen, useAnswer } from './api.js';
import { ContextEditor, contextsProblem } from './context-editor.js';
import { ContextsPage } from './contexts-page.js';
import { HealthPage } from './health-page.js';
import { HistoryPage } from './history-page.js';
import { KeyList } from './key-list.js';
import { KeyPage } from './key-page.js';
import { OverridesNotice } from './overrides.js';
import type { OverridesView } from '../lib/inspector/overrides.js';
import { hashOf, TABS, usePlace, type Place, type Tab } from './location.js';

const TITLES: Readonly<Record<Tab, string>> = {
  keys: 'Keys',
  health: 'Health',
  history: 'History',
  contexts: 'Contexts',
};

export function App() {
  const place = usePlace();
  const [updates, setUpdates] = useState(0);
  const [states, setStates] = useState(0);
  const [isConnected, setConnected] = useState(true);
  // What is still being typed does not replace the last usable contexts.
  const [usable, setUsable] = useState('');
  const problem = contextsProblem(place.contexts);
  const contexts = problem === undefined ? place.contexts : usable;

  useEffect(() => {
    if (problem === undefined) setUsable(place.contexts);
  }, [place.contexts]);
  useEffect(
    () =>
      listen({
        update: () => setUpdates((count) => count + 1),
        health: () => setStates((count) => count + 1),
        connected: (now) => {
          setConnected((before) => {
            // Whatever happened in between was missed.
            if (now && !before) setUpdates((count) => count + 1);
            return now;
          });
        },
      }),
    [],
  );
  useEffect(() => {
    document.title = `${place.key ?? TITLES[place.tab]} · Quonfig inspector`;
  }, [place.key, place.tab]);

  const [overrideChanges, setOverrideChanges] = useState(0);
  const overrides = useAnswer<OverridesView>('overrides', {}, '', updates + overrideChanges).data;
  const overridesChanged = (): void => setOverrideChanges((count) => count + 1);
  const health = useAnswer<HealthView>('health', {}, '', updates + states);
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header>
        <h1>
          Quonfig <span>inspector</span>
        </h1>
        <nav aria-label="Sections">
          {TABS.map((tab) => (
            <a
              key={tab}
              href={hashOf({ ...place, tab, key: undefined })}
              aria-current={tab === place.tab ? 'page' : undefined}
            >
              {TITLES[tab]}
              {tab === 'health' && hasProblems(health.data) && (
                <span class="alert"> ({health.data!.problems.length})</span>
              )}
            </a>
          ))}
        </nav>
        <Status view={health.data} isConnected={isConnected} place={place} />
      </header>
      <OverridesNotice view={overrides} changed={overridesChanged} />
      {place.tab === 'keys' && <ContextEditor place={place} problem={problem} />}
      <main
        id="main"
        // What scrolls must be reachable with the keyboard.
        tabIndex={place.tab === 'keys' ? -1 : 0}
        class={place.key === undefined ? place.tab : 'keys selected'}
      >
        <Section
          place={place}
          contexts={contexts}
          updates={updates}
          health={health}
          overrides={overrides}
          overridesChanged={overridesChanged}
        />
      </main>
    </>
  );
}

function Section({
  place,
  contexts,
  updates,
  health,
  overrides,
  overridesChanged,
}: {
  place: Place;
  contexts: string;
  updates: number;
  health: ReturnType<typeof useAnswer<HealthView>>;
  overrides: OverridesView | undefined;
  overridesChanged: () => void;
}) {
  switch (place.tab) {
    case 'health':
      return <HealthPage answer={health} place={place} />;
    case 'history':
      return <HistoryPage place={place} updates={updates} />;
    case 'contexts':
      return <ContextsPage place={place} updates={updates} />;
    default:
      return (
        <>
          <KeyList place={place} contexts={contexts} updates={updates} />
          <KeyPage
            place={place}
            contexts={contexts}
            updates={updates}
            health={health.data?.health}
            overrides={overrides}
            overridesChanged={overridesChanged}
          />
        </>
      );
  }
}

function Status({
  view,
  isConnected,
  place,
}: {
  view: HealthView | undefined;
  isConnected: boolean;
  place: Place;
}) {
  if (!isConnected) {
    return (
      <p class="status bad" role="status">
        The application does not respond; the page shows the last known state.
      </p>
    );
  }
  if (view === undefined) return <p class="status" role="status" />;
  const { environment, connectionState } = view.health;
  const isGood = !hasProblems(view);
  const summaries = view.problems.map(({ summary }) => summary).join(', ');
  return (
    <p class={isGood ? 'status good' : 'status bad'} role="status">
      <span class="dot" aria-hidden="true" />
      <strong>{environment === null || environment === '' ? 'no environment' : environment}</strong>
      {isGood ? (
        <span>{connectionState.replace('_', ' ')}</span>
      ) : (
        <a href={hashOf({ ...place, tab: 'health', key: undefined })}>{summaries}</a>
      )}
    </p>
  );
}

function hasProblems(view: HealthView | undefined): boolean {
  return view !== undefined && view.problems.length > 0;
}

/** A link to `#main` would replace the place. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
