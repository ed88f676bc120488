/** The JSON of an envelope without configs. */
export function envelopeJson(version: string, generation = 1): string {
  return JSON.stringify({ configs: [], meta: { version, environment: 'production', generation } });
}

/** An event as the server writes it. */
export function eventText(version: string, generation = 1): string {
  return `id: ${version}\ndata: ${envelopeJson(version, generation)}\n\n`;
}
