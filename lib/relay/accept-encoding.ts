/** How the body of a response may be encoded. */
export type Encoding = 'br' | 'gzip' | 'identity';

/** In order of preference. */
const ENCODINGS: readonly Encoding[] = ['br', 'gzip', 'identity'];

/** Chooses the encoding that an `Accept-Encoding` header prefers, and the smallest among equals. */
export function encodingFor(header: string | undefined): Encoding {
  if (header === undefined) return 'identity';
  const weights = weightsIn(header);
  let best: Encoding = 'identity';
  let bestWeight = 0;
  for (const encoding of ENCODINGS) {
    // Without a weight of its own, `identity` is acceptable, and any other encoding is preferred.
    const fallback = encoding === 'identity' ? 0.001 : 0;
    const weight = weights.get(encoding) ?? weights.get('*') ?? fallback;
    if (weight > bestWeight) [best, bestWeight] = [encoding, weight];
  }
  return best;
}

function weightsIn(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const quality = parameters.find((parameter) => /^q\s*=/.test(parameter));
    const weight = quality === undefined ? 1 : Number(quality.replace(/^q\s*=\s*/, ''));
    weights.set(name === 'x-gzip' ? 'gzip' : name, weight >= 0 && weight <= 1 ? weight : 0);
  }
  return weights;
}

/** Whether an `If-None-Match` header names this ETag. */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
}

/** An ETag without the mark of weak ones. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
