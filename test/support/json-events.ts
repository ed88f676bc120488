/** The data of a server's events, each parsed as JSON, until the signal aborts. */
export async function* jsonEvents<T>(url: string, signal: AbortSignal): AsyncGenerator<T> {
  const response = await fetch(url, { signal });
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const line = event.split('\n').find((candidate) => candidate.startsWith('data:'));
      if (line !== undefined) yield JSON.parse(line.slice('data:'.length)) as T;
    }
  }
}
