import { useEffect, useRef, useState } from 'preact/hooks';
import type { KeyPage, KeyRow } from '../lib/inspector/key-list.js';
import { ask, textOf } from './api.js';
import { hashOf, replacePlace, type Place } from './location.js';
import { Failure, Reason, Value } from './parts.js';

/** How many rows one request asks for, and how many are rendered above and below the visible ones. */
const PAGE = 100;
const OVERSCAN = 10;
/** Two lines of a row, in pixels. */
const HEIGHT = 60;

const TYPES = {
  feature_flag: 'Flags',
  config: 'Configs',
  segment: 'Segments',
  log_level: 'Log levels',
} as const;

interface Listed {
  /** What was asked for. */
  readonly question: string;
  readonly total: number;
  readonly pages: ReadonlyMap<number, readonly KeyRow[]>;
}

const NOTHING: Listed = { question: '', total: 0, pages: new Map() };

export function KeyList(props: { place: Place; contexts: string; updates: number }) {
  const { place, contexts, updates } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const [window, setWindow] = useState({ first: 0, count: 30 });
  const question = JSON.stringify([place.search, place.type, contexts, updates]);
  const filter = JSON.stringify([place.search, place.type]);
  const { listed, error } = useRows(place, contexts, question, window);

  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [filter]);
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', focusSearch);
    return () => removeEventListener('keydown', focusSearch);
  }, []);
  const measure = (): void => {
    const { scrollTop = 0, clientHeight = 600 } = scroller.current ?? {};
    const first = Math.floor(scrollTop / HEIGHT);
    const count = Math.ceil(clientHeight / HEIGHT);
    if (first !== window.first || count !== window.count) setWindow({ first, count });
  };
  useEffect(() => {
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  });

  const from = Math.max(0, window.first - OVERSCAN);
  const to = Math.min(listed.total, window.first + window.count + OVERSCAN);
  const positions = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  return (
    <section class="list" aria-label="Keys">
      <div class="filters">
        <label class="grow">
          <span>Search</span>
          <input
            ref={search}
            type="search"
            value={place.search}
            placeholder="Part of a key ( / )"
            onInput={({ currentTarget }) => replacePlace({ ...place, search: currentTarget.value })}
          />
        </label>
        <label>
          <span>Type</span>
          <select
            value={place.type}
            onChange={({ currentTarget }) => replacePlace({ ...place, type: currentTarget.value })}
          >
            <option value="">All</option>
            {Object.entries(TYPES).map(([type, name]) => (
              <option key={type} value={type}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="count" role="status">
        {countText(listed.total)}
      </p>
      <Failure text={error} />
      <div class="scroller" ref={scroller} onScroll={measure} onKeyDown={moveFocus}>
        <ul style={{ height: `${listed.total * HEIGHT}px` }}>
          {positions.map((position) => {
            const row = listed.pages.get(Math.floor(position / PAGE))?.[position % PAGE];
            return (
              <li
                key={position}
                style={{ top: `${position * HEIGHT}px`, height: `${HEIGHT}px` }}
                aria-setsize={listed.total}
                aria-posinset={position + 1}
              >
                {row && <Row row={row} place={place} />}
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function Row({ row, place }: { row: KeyRow; place: Place }) {
  const isSelected = row.key === place.key;
  return (
    <a
      href={hashOf({ ...place, key: row.key })}
      aria-current={isSelected ? 'true' : undefined}
      title={row.error}
    >
      <span class="key">{row.key}</span>
      <Reason reason={row.reason} />
      <span class="result">
        <Value value={row.value} />
      </span>
      <span class="type">{row.valueType}</span>
    </a>
  );
}

/** Asks for the pages of the visible rows. Rows of the last question stay until the first page of the new one arrives. */
function useRows(
  place: Place,
  contexts: string,
  question: string,
  window: { first: number; count: number },
): { listed: Listed; error: string | undefined } {
  const [listed, setListed] = useState(NOTHING);
  const [error, setError] = useState<string>();
  const firstPage = Math.floor(window.first / PAGE);
  const lastPage = Math.floor((window.first + window.count) / PAGE);
  useEffect(() => {
    const abort = new AbortController();
    const isNew = listed.question !== question;
    for (let page = firstPage; page <= lastPage; page++) {
      if (!isNew && listed.pages.has(page)) continue;
      if (!isNew && page * PAGE >= listed.total) continue;
      const { search, type: types } = place;
      const parameters = { search, types, offset: `${page * PAGE}`, limit: `${PAGE}` };
      const add = ({ total, rows }: KeyPage): void => {
        setError(undefined);
        setListed((before) => {
          const pages = before.question === question ? before.pages : [];
          return { question, total, pages: new Map([...pages, [page, rows]]) };
        });
      };
      ask<KeyPage>('keys', parameters, contexts, abort.signal).then(add, (reason: unknown) => {
        if (!abort.signal.aborted) setError(textOf(reason));
      });
    }
    return () => abort.abort();
  }, [question, firstPage, lastPage]);
  return { listed, error };
}

function countText(total: number): string {
  return total === 1 ? '1 key' : `${total.toLocaleString()} keys`;
}

function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const item = (event.target as HTMLElement).closest('li');
  const next = step > 0 ? item?.nextElementSibling : item?.previousElementSibling;
  const link = next?.querySelector('a');
  if (!link) return;
  event.preventDefault();
  link.focus();
}
