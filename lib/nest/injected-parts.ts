import type { Type } from '@nestjs/common';
import { PARTS } from '../client/parts.js';
import type { QuonfigParts } from '../client/part-row.js';

/** A part that applications inject by its class. */
export interface InjectedPart {
  readonly name: keyof QuonfigParts;
  readonly token: Type;
  /** The factory of its provider. A provider with another one has been overridden. */
  readonly select: (parts: QuonfigParts) => unknown;
}

export const INJECTED_PARTS: readonly InjectedPart[] = PARTS.flatMap(({ name, token }) =>
  token === undefined
    ? []
    : [{ name, token: token as Type, select: (parts: QuonfigParts) => parts[name] }],
);
