import { useState } from 'preact/hooks';
import type { RecentContext } from '../lib/inspector/recent-contexts.js';
import { useAnswer } from './api.js';
import { hashOf, type Place } from './location.js';
import { Failure, Time } from './parts.js';

interface Kept {
  readonly kept: boolean;
  readonly message?: string;
  readonly contexts?: RecentContext[];
}

export function ContextsPage({ place, updates }: { place: Place; updates: number }) {
  const [asked, setAsked] = useState(0);
  const { data, error } = useAnswer<Kept>('contexts', {}, '', updates + asked);
  return (
    <>
      <h2>Contexts of recent reads</h2>
      <Failure text={error} />
      {data && !data.kept && <p>{data.message}</p>}
      {data?.kept && (
        <>
          <p>
            Choose one to evaluate all keys for it.{' '}
            <button type="button" onClick={() => setAsked(asked + 1)}>
              Show newer ones
            </button>
          </p>
          {data.contexts!.length === 0 && <p>No read has had contexts yet.</p>}
          <ul class="recent">
            {data.contexts!.map(({ contexts, lastSeen, reads }) => {
              const text = JSON.stringify(contexts);
              return (
                <li key={text}>
                  <a href={hashOf({ ...place, tab: 'keys', contexts: text })}>
                    <code>{text}</code>
                  </a>
                  <span class="by">
                    {reads === 1 ? '1 read' : `${reads} reads`}, the last <Time at={lastSeen} />
                  </span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </>
  );
}
