import type { ComponentChildren } from 'preact';
import type { ShownValue } from '../lib/inspector/shown-value.js';

export function Value({ value }: { value: ShownValue | undefined }) {
  if (value === undefined) return <span class="none">no value</span>;
  if ('text' in value) return <code class="value">{value.text}</code>;
  return (
    <span class="hidden">
      {'variable' in value
        ? `hidden: from the environment variable ${value.variable}`
        : `hidden: ${value.hidden}`}
    </span>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  STATIC: 'same for all',
  TARGETING_MATCH: 'rule matched',
  SPLIT: 'split',
  DEFAULT: 'no rule matched',
  ERROR: 'error',
};

export function Reason({ reason }: { reason: string }) {
  return <span class={`chip reason-${reason.toLowerCase()}`}>{REASONS[reason] ?? reason}</span>;
}

export function Failure({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <>never</>;
  return <time dateTime={at}>{new Date(at).toLocaleString()}</time>;
}

/** A heading with what belongs to it. */
export function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="group">
      <h3>{title}</h3>
      {children}
    </section>
  );
}
