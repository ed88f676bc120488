import { createHmac, timingSafeEqual } from 'node:crypto';

/** Values of keys, as somebody set them for their own requests. */
export type OverrideValues = Readonly<Record<string, unknown>>;

export interface OverrideGrant {
  readonly values: OverrideValues;
  /** In ms since the epoch. */
  readonly expiresAt: number;
}

/** Says what a token is for, so that no other one that is signed with the same secret can be used instead. */
const PURPOSE = 'quonfig-overrides';
/** Browsers keep cookies of up to 4096 bytes, with name and attributes. */
export const MAX_TOKEN = 3_800;

/** Signs overrides, and reads those that it has signed. A token is `<payload>.<signature>`, both as base64url. */
export class OverrideTokens {
  constructor(
    private readonly secret: string,
    /** Name of the instance: tokens of one must not apply to another. */
    private readonly instance: string,
  ) {}

  sign({ values, expiresAt }: OverrideGrant): string {
    const claims = { purpose: PURPOSE, instance: this.instance, expiresAt, values };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${payload}.${this.signatureOf(payload).toString('base64url')}`;
  }

  /** Returns `undefined` for a token that is forged, for something else, or too old. */
  verify(token: string, now: number): OverrideGrant | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    const [payload, signature, ...more] = token.split('.');
    if (payload === undefined || signature === undefined || more.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const wanted = this.signatureOf(payload);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const claims = claimsIn(payload);
    const { purpose, instance, expiresAt, values } = claims;
    const isOurs = purpose === PURPOSE && instance === this.instance;
    if (!isOurs || typeof expiresAt !== 'number' || expiresAt <= now) return undefined;
    return { values: values as OverrideValues, expiresAt };
  }

  private signatureOf(payload: string): Buffer {
    return createHmac('sha256', this.secret).update(payload).digest();
  }
}

/** What has our signature was written by us. */
function claimsIn(payload: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}
