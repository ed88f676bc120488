export const configSkipped = (key: string, reason: string): string =>
  `Config ${key} is left out: ${reason}. Correct it; the other configs are used.`;

export const configTwice = (key: string): string =>
  `Config "${key}" comes twice in one set: the later one is used. Remove one of them.`;
