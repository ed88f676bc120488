export const configSkipped = (key: string, reason: string): string =>
  `Config ${key} is invalid and skipped: ${reason}. Other configs are unaffected. Correct this one.`;

export const duplicateConfig = (key: string): string =>
  `Config "${key}" occurs twice in one envelope; the later one is used. Remove one of them.`;
