import type {
  ConditionView,
  RuleStatus,
  RuleView,
  SegmentView,
  SplitView,
} from '../lib/inspector/rule-view.js';
import { hashOf, type Place } from './location.js';

const STATUS: Readonly<Record<RuleStatus, string>> = {
  matched: 'matches',
  'not matched': 'does not match',
  'not reached': 'not needed',
  shadowed: 'never reached',
};

/** The rules of both lists. Each counts from 1, as on the command line and in log lines. */
export function RuleLists({ rules, place }: { rules: readonly RuleView[]; place: Place }) {
  return (
    <>
      {(['environment', 'default'] as const).map((list) => {
        const own = rules.filter((rule) => rule.list === list);
        if (own.length === 0) return null;
        return (
          <section key={list} aria-label={TITLES[list]}>
            <h4>{TITLES[list]}</h4>
            <Rules rules={own} place={place} />
          </section>
        );
      })}
    </>
  );
}

const TITLES = { environment: 'Environment rules', default: 'Default rules' } as const;

/** How people name a rule. */
export function ruleName({ list, ruleIndex }: RuleView): string {
  return `${list === 'environment' ? 'Environment' : 'Default'} rule ${ruleIndex + 1}`;
}

function Rules({ rules, place }: { rules: readonly RuleView[]; place: Place }) {
  return (
    <ol class="rules">
      {rules.map((rule) => (
        <li key={rule.ruleIndex} class={rule.status.replace(' ', '-')}>
          <p class="sentence">
            <span class="chip">{STATUS[rule.status]}</span> {rule.sentence}
          </p>
          <Conditions conditions={rule.conditions} place={place} />
          {rule.split && <Split split={rule.split} />}
        </li>
      ))}
    </ol>
  );
}

function Conditions(props: { conditions: readonly ConditionView[]; place: Place }) {
  if (props.conditions.length === 0) return null;
  return (
    <ul class="conditions">
      {props.conditions.map((condition, index) => (
        <li key={index} class={outcome(condition).replace(' ', '-')}>
          <span class="sign" aria-hidden="true">
            {SIGNS[outcome(condition)]}
          </span>
          <div>
            {condition.text}
            <span class="sr">: {outcome(condition)}</span>
            {condition.result !== undefined && (
              <span class="by">
                {condition.seen !== undefined && <> the context has {condition.seen};</>}{' '}
                {condition.reason}
                {condition.engine !== undefined && <>; engine: {condition.engine}</>}
              </span>
            )}
            {condition.segment && <Segment segment={condition.segment} place={props.place} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

type ConditionOutcome = 'holds' | 'does not hold' | 'not needed';

const SIGNS: Readonly<Record<ConditionOutcome, string>> = {
  holds: '✓',
  'does not hold': '✗',
  'not needed': '–',
};

function outcome({ result }: ConditionView): ConditionOutcome {
  if (result === undefined) return 'not needed';
  return result ? 'holds' : 'does not hold';
}

function Segment({ segment, place }: { segment: SegmentView; place: Place }) {
  const link = <a href={hashOf({ ...place, key: segment.key })}>{segment.key}</a>;
  if (!segment.found) return <p class="problem">The segment {segment.key} does not exist.</p>;
  if (segment.rules === undefined) return <p class="by">The segment {link} is explained above.</p>;
  return (
    <details open>
      <summary>The segment {segment.key}</summary>
      <p class="by">
        <a href={hashOf({ ...place, key: segment.key })}>Open the segment</a>
      </p>
      <Rules rules={segment.rules} place={place} />
    </details>
  );
}

/** Weights as a bar, with the place of the context on it. */
function Split({ split }: { split: SplitView }) {
  const { variants, position, by, seen } = split;
  const shares = variants.map(({ text, percent }) => `${text} ${percent}`).join(', ');
  return (
    <div class="split">
      <div class="bar" role="img" aria-label={`Shares: ${shares}. ${placeText(split)}`}>
        {variants.map(({ share, picked }, index) => (
          <span
            key={index}
            class={picked ? `share share-${index % 6} picked` : `share share-${index % 6}`}
            style={{ width: `${share * 100}%` }}
          />
        ))}
        {position !== undefined && <span class="marker" style={{ left: `${position * 100}%` }} />}
      </div>
      <ul class="legend">
        {variants.map(({ text, percent, picked }, index) => (
          <li key={index} class={picked ? 'picked' : undefined}>
            <span class={`swatch share-${index % 6}`} aria-hidden="true" />
            <code class="value">{text}</code> {percent}
            {picked && <strong> ← this context</strong>}
          </li>
        ))}
      </ul>
      <p class="by">
        {placeText(split)}
        {by !== undefined && seen !== undefined && (
          <>
            {' '}
            {by} is {seen}.
          </>
        )}
      </p>
    </div>
  );
}

function placeText({ by, position, seen }: SplitView): string {
  if (by === undefined) return 'Picked at random for each read.';
  if (position === undefined) return `Split by ${by}.`;
  const place = `This context is at ${(position * 100).toFixed(2)}% of the bar.`;
  return seen === undefined
    ? `${place} It lacks ${by}, so it is hashed as an empty string.`
    : place;
}
