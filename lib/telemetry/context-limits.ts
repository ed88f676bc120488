/** How much of the contexts of one read is looked at. More than that nobody means to write. */
export const MAX_CONTEXTS = 100;
/** Of one context. */
export const MAX_PROPERTIES = 1_000;
/** Of one list. */
export const MAX_ELEMENTS = 100;
