import { useState } from 'preact/hooks';
import type { HistoryEntry, KeyDifference } from '../lib/inspector/update-history.js';
import { useAnswer } from './api.js';
import { hashOf, type Place } from './location.js';
import { Failure, Time } from './parts.js';

export function HistoryPage({ place, updates }: { place: Place; updates: number }) {
  const { data, error } = useAnswer<{ updates: HistoryEntry[] }>('history', {}, '', updates);
  return (
    <>
      <h2>History</h2>
      <p>The last 50 updates of this process, the newest first. New ones appear automatically.</p>
      <Failure text={error} />
      <ol class="updates" aria-live="polite">
        {data?.updates.map((entry) => (
          <li key={entry.id}>
            <Update entry={entry} place={place} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Update({ entry, place }: { entry: HistoryEntry; place: Place }) {
  const [isOpen, setOpen] = useState(false);
  const title = (
    <>
      <Time at={entry.installedAt} /> <span class="chip">{entry.source}</span> {countText(entry)}
      <span class="by">
        {' '}
        {entry.generation > 0 && `generation ${entry.generation}, `}version {entry.version}
      </span>
    </>
  );
  if (entry.keys.length === 0) return <p>{title}</p>;
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && <Differences entry={entry} place={place} />}
    </details>
  );
}

function Differences({ entry, place }: { entry: HistoryEntry; place: Place }) {
  const question = { update: String(entry.id) };
  const { data, error } = useAnswer<{ keys: KeyDifference[] }>('differences', question, '', 0);
  return (
    <>
      <Failure text={error} />
      <ul class="differences">
        {data?.keys.map(({ key, change, lines, looksEqual }) => (
          <li key={key}>
            <p>
              <a href={hashOf({ ...place, tab: 'keys', key })}>{key}</a>{' '}
              <span class="chip">{change}</span>
            </p>
            {looksEqual ? (
              <p class="by">A hidden value changed, or something that no rule uses.</p>
            ) : (
              <pre role="group" aria-label={`Difference of ${key}`}>
                {lines.map(({ sign, text }, index) => (
                  <Line key={index} sign={sign} text={text} />
                ))}
              </pre>
            )}
          </li>
        ))}
      </ul>
      {entry.total > entry.keys.length && (
        <p class="by">{entry.total - entry.keys.length} more keys are not shown.</p>
      )}
    </>
  );
}

function Line({ sign, text }: { sign: string; text: string }) {
  const line = `${sign} ${text}\n`;
  if (sign === '+') return <ins>{line}</ins>;
  return sign === '-' ? <del>{line}</del> : <>{line}</>;
}

function countText({ isFirst, total }: HistoryEntry): string {
  const keys = total === 1 ? '1 key' : `${total.toLocaleString()} keys`;
  return isFirst ? `${keys} when the inspector started` : keys;
}
