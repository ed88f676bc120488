import { useEffect, useState } from 'preact/hooks';
import type { KeyView } from '../lib/inspector/key-view.js';
import type { OverridesView } from '../lib/inspector/overrides.js';
import { setOverrides, textOf } from './api.js';
import { Failure, Group, Time } from './parts.js';

/** Says that this browser has other values, on every page. */
export function OverridesNotice(props: { view: OverridesView | undefined; changed: () => void }) {
  const { view, changed } = props;
  const keys = Object.keys(view?.values ?? {});
  if (keys.length === 0) return null;
  const end = (): void => void replaceOverrides({}, changed);
  return (
    <section class="overridden" aria-label="Overrides of this browser">
      This browser overrides {keys.join(', ')}, until <Time at={view?.expiresAt} />.{' '}
      <button type="button" onClick={end}>
        End all
      </button>
    </section>
  );
}

/** Sets another value of one key, for the requests of this browser. */
export function Override(props: { of: KeyView; view: OverridesView; changed: () => void }) {
  const { of, view, changed } = props;
  const current = Object.hasOwn(view.values, of.key) ? view.values[of.key] : undefined;
  const [text, setText] = useState('');
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    setText(current === undefined ? '' : textFor(current, of.valueType));
    setFailure(undefined);
  }, [of.key, JSON.stringify(current)]);
  if (view.allowed?.includes(of.key) === false) {
    return (
      <Group title="Override">
        <p>In production, this key cannot be overridden.</p>
      </Group>
    );
  }

  const send = (value: unknown): void => {
    const { [of.key]: _, ...others } = view.values;
    const values = value === undefined ? others : { ...others, [of.key]: value };
    void replaceOverrides(values, changed).then(setFailure);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const value = valueOf(text, of.valueType);
    if (value === undefined) setFailure("This is not a value of the config's type.");
    else send(value);
  };
  return (
    <Group title="Override for this browser">
      <form class="override" onSubmit={submit}>
        <label class="grow">
          <span>Value, {HINTS[of.valueType] ?? 'as text'}</span>
          {of.valueType === 'bool' ? (
            <select value={text} onChange={({ currentTarget }) => setText(currentTarget.value)}>
              <option value="">none</option>
              <option value="true">true</option>
              <option value="false">false</option>
            </select>
          ) : (
            <input value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
          )}
        </label>
        <button type="submit">Override</button>
        {current !== undefined && (
          <button type="button" onClick={() => send(undefined)}>
            End
          </button>
        )}
      </form>
      <Failure text={failure} />
      <p class="by">
        Requests of this browser read that value. This page still shows what the rules say.
      </p>
    </Group>
  );
}

/** Returns why the overrides are as they were; `undefined` if they were replaced. */
async function replaceOverrides(
  values: OverridesView['values'],
  changed: () => void,
): Promise<string | undefined> {
  try {
    await setOverrides(values);
    return undefined;
  } catch (error) {
    return textOf(error);
  } finally {
    changed();
  }
}

const HINTS: Readonly<Record<string, string>> = {
  bool: 'for requests of this browser',
  int: 'a whole number',
  double: 'a number',
  duration: 'such as PT90S',
  json: 'as JSON',
  string_list: 'a list as JSON',
};

function valueOf(text: string, valueType: string): unknown {
  if (valueType === 'string' || valueType === 'duration') return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textFor(value: unknown, valueType: string): string {
  return valueType === 'string' || valueType === 'duration' ? String(value) : JSON.stringify(value);
}
