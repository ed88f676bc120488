const VERIFY = '"npx nestjs-quonfig verify" shows where.';

export const documentUnreadable = (file: string): string =>
  `${file} cannot be read. Make sure that you may read it and that its encoding is UTF-8.`;

export const documentNotJson = (file: string): string =>
  `${file} is not JSON. Correct it; ${VERIFY}`;

export const documentNotObject = (file: string): string =>
  `${file} is not a JSON object. Correct it; ${VERIFY}`;
