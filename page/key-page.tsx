import { useEffect, useRef, useState } from 'preact/hooks';
import type { HealthView } from '../lib/inspector/health-view.js';
import type { KeyView } from '../lib/inspector/key-view.js';
import type { RuleView } from '../lib/inspector/rule-view.js';
import { useAnswer } from './api.js';
import { hashOf, type Place } from './location.js';
import type { OverridesView } from '../lib/inspector/overrides.js';
import { Override } from './overrides.js';
import { Failure, Group, Reason, Value } from './parts.js';
import { ruleName, RuleLists } from './rules.js';

export function KeyPage(props: {
  place: Place;
  contexts: string;
  updates: number;
  health: HealthView['health'] | undefined;
  overrides: OverridesView | undefined;
  overridesChanged: () => void;
}) {
  const { place, contexts, updates } = props;
  const { key } = place;
  const heading = useRef<HTMLHeadingElement>(null);
  const path = key === undefined ? undefined : 'key';
  const { data, error } = useAnswer<KeyView>(path, { key: key ?? '' }, contexts, updates);
  useEffect(() => {
    // On a phone, the page replaces the list.
    if (key !== undefined && matchMedia('(max-width: 60rem)').matches) heading.current?.focus();
  }, [key]);

  if (key === undefined) {
    return (
      <section class="detail empty" aria-label="Selected key">
        <p>Choose a key to see its rules and why it has its value.</p>
      </section>
    );
  }
  const view = data?.key === key ? data : undefined;
  return (
    <article class="detail" aria-label="Selected key" tabIndex={0}>
      <p class="back">
        <a href={hashOf({ ...place, key: undefined })}>Back to the keys</a>
        <CopyLink />
      </p>
      <h2 ref={heading} tabIndex={-1}>
        {key}
      </h2>
      <Failure text={error} />
      {view && <Explanation view={view} place={place} health={props.health} />}
      {view && props.overrides?.enabled && isOverridable(view) && (
        <Override key={key} of={view} view={props.overrides} changed={props.overridesChanged} />
      )}
    </article>
  );
}

function Explanation({
  view,
  place,
  health,
}: {
  view: KeyView;
  place: Place;
  health: HealthView['health'] | undefined;
}) {
  return (
    <>
      <p class="facts">
        <span class="chip">{view.type.replace('_', ' ')}</span>
        <span class="chip">{view.valueType}</span>
        <span class="chip">{view.environment === '' ? 'no environment' : view.environment}</span>
      </p>
      <div class="answer">
        <p class="big">
          <Value value={view.value} />
        </p>
        <p>
          <Reason reason={view.reason} /> {because(view)}
        </p>
      </div>
      <Notes view={view} health={health} />
      <Group title="Rules, in order">
        {view.rules.length === 0 ? (
          <p>The config has no rules for this environment, so it has no value.</p>
        ) : (
          <RuleLists rules={view.rules} place={place} />
        )}
        {hasDefaultRulesOnly(view) && (
          <p class="by">
            The config has no rules for &quot;{view.environment}&quot;, so its default rules apply.
            Rules of other environments are not shown.
          </p>
        )}
      </Group>
      <Group title="Which contexts change the value">
        <Properties view={view} />
      </Group>
    </>
  );
}

function Notes({ view, health }: { view: KeyView; health: HealthView['health'] | undefined }) {
  const notes: string[] = [];
  // The health is newer than the view: a file that cannot be read is no update.
  if (health?.olderThanFiles) {
    const which = health.lastError === null ? '' : ` ${health.lastError}`;
    notes.push(
      `A file of the workspace cannot be read, so this may be older than the file.${which}`,
    );
  }
  if (view.otherEnvironment !== undefined) {
    notes.push(
      `The config has rules for the environment "${view.otherEnvironment}". They do not apply: this is "${view.environment}".`,
    );
  }
  if (view.hashPropertyMissing) {
    notes.push(
      'The context lacks the property to split by, so all such contexts get the same value.',
    );
  }
  for (const { property, suggestion } of view.unread) {
    if (suggestion !== undefined) {
      notes.push(`No rule reads ${property}. Did you mean ${suggestion}?`);
    }
  }
  const shadowed = view.rules.filter(({ status }) => status === 'shadowed').length;
  if (shadowed > 0) {
    const which = shadowed === 1 ? 'A rule is' : `${shadowed} rules are`;
    notes.push(`${which} never reached: a rule before always matches.`);
  }
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function Properties({ view }: { view: KeyView }) {
  const { read, unread } = view;
  if (read.length === 0) return <p>None: the value is the same for every context.</p>;
  return (
    <>
      <ul class="properties">
        {read.map(({ property, readBy, present }) => (
          <li key={property}>
            <code>{property}</code>
            <span class={present ? 'chip ok' : 'chip'}>{present ? 'given' : 'missing'}</span>
            {readBy.some((by) => by !== view.key) && (
              <span class="by">read by {readBy.join(', ')}</span>
            )}
          </li>
        ))}
      </ul>
      {unread.length > 0 && (
        <p class="by">Given, but not read: {unread.map(({ property }) => property).join(', ')}</p>
      )}
    </>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard
      .writeText(location.href)
      .then(() => setCopied(true))
      .catch(() => setCopied(false));
  };
  // Browsers offer the clipboard only to pages over HTTPS and on this machine.
  if (!('clipboard' in navigator)) return null;
  return (
    <button type="button" onClick={copy}>
      {copied ? 'Copied' : 'Copy the link'}
    </button>
  );
}

function isOverridable({ type, value }: KeyView): boolean {
  const isHidden = value !== undefined && 'hidden' in value;
  return (type === 'feature_flag' || type === 'config') && !isHidden;
}

/** Segments never have rules of an environment. */
function hasDefaultRulesOnly({ type, environment, otherEnvironment, rules }: KeyView): boolean {
  if (type === 'segment' || environment === '' || otherEnvironment !== undefined) return false;
  return rules.length > 0 && rules.every(({ list }) => list === 'default');
}

function because({ reason, rules, error }: KeyView): string {
  const rule: RuleView | undefined = rules.find(({ status }) => status === 'matched');
  if (reason === 'ERROR') return error ?? 'The evaluation failed.';
  if (rule === undefined) return 'No rule matches, so reads return their defaults.';
  const { split } = rule;
  if (split === undefined) return `${ruleName(rule)} matches. ${rule.sentence}`;
  const picked = split.variants.findIndex((variant) => variant.picked);
  const by = split.by === undefined ? 'picked at random for each read' : `split by ${split.by}`;
  return `${ruleName(rule)} matches, variant ${picked + 1} of ${split.variants.length}, ${by}.`;
}
