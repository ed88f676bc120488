import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Values of keys, as somebody set them for their own requests. */
export type OverrideValues = Readonly<Record<string, unknown>>;

export interface OverrideGrant {
  readonly values: OverrideValues;
  /** In ms since the epoch. */
  readonly expiresAt: number;
}

/** Browsers keep cookies of up to 4096 bytes, with name and attributes. */
export const MAX_TOKEN = 3_800;
/** How far ahead the clock of another process may be. */
const MAX_SKEW_MS = 60_000;

/** Signs overrides, and reads those that it has signed. A token is `<payload>.<signature>`, both as base64url. */
export class OverrideTokens {
  /** Derived from the secret, so that what else is signed with it is no token, nor a token of another instance. */
  private readonly key: KeyObject;

  /**
   * @param instance name of the instance
   * @param maxAgeMs how long a token lasts
   */
  constructor(
    secret: string,
    instance: string,
    private readonly maxAgeMs: number,
  ) {
    const purpose = `quonfig-overrides:${instance}`;
    this.key = createSecretKey(createHmac('sha256', secret).update(purpose).digest());
  }

  sign(values: OverrideValues, now: number): string {
    const grant: OverrideGrant = { values, expiresAt: now + this.maxAgeMs };
    const payload = Buffer.from(JSON.stringify(grant)).toString('base64url');
    return `${payload}.${this.signatureOf(payload)}`;
  }

  /**
   * Returns `undefined` for a token that is forged, for something else, or too old. So is one that ends later than any
   * signed now: a clock was wrong, or tokens lasted longer then.
   */
  verify(token: string, now: number): OverrideGrant | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    const [payload = '', signature = '', ...more] = token.split('.');
    const [given, wanted] = [signature, this.signatureOf(payload)].map((text) => Buffer.from(text));
    if (more.length > 0 || given!.length !== wanted!.length) return undefined;
    if (!timingSafeEqual(given!, wanted!)) return undefined;
    const grant = grantIn(payload);
    const left = grant.expiresAt - now;
    return left > 0 && left <= this.maxAgeMs + MAX_SKEW_MS ? grant : undefined;
  }

  private signatureOf(payload: string): string {
    return createHmac('sha256', this.key).update(payload).digest('base64url');
  }
}

/** What has our signature was written by us. */
function grantIn(payload: string): OverrideGrant {
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as OverrideGrant;
}
