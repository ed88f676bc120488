import { replacePlace, type Place } from './location.js';

const EXAMPLE = '{"user": {"key": "u-1", "plan": "pro"}}';

/** Why the typed contexts cannot be used; `undefined` if they can. */
export function contextsProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  let contexts: unknown;
  try {
    contexts = JSON.parse(text);
  } catch {
    return 'This is not JSON yet.';
  }
  if (!isObject(contexts)) return `Contexts are an object, such as ${EXAMPLE}.`;
  const wrong = Object.entries(contexts).find(([, properties]) => !isObject(properties));
  return wrong && `The context "${wrong[0]}" is not an object of properties.`;
}

export function ContextEditor({ place, problem }: { place: Place; problem: string | undefined }) {
  return (
    <section class="contexts" aria-label="Contexts">
      <label for="contexts">Contexts to evaluate for, as JSON</label>
      <textarea
        id="contexts"
        rows={2}
        spellcheck={false}
        autocomplete="off"
        placeholder={EXAMPLE}
        value={place.contexts}
        aria-invalid={problem !== undefined}
        aria-describedby="contexts-problem"
        onInput={({ currentTarget }) => replacePlace({ ...place, contexts: currentTarget.value })}
      />
      <p id="contexts-problem" class="problem" role="status">
        {problem && `${problem} The page still shows the last usable contexts.`}
      </p>
    </section>
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
