const VERIFY = '"npx nestjs-quonfig verify" shows where.';

export const documentUnreadable = (file: string, failure: string | undefined): string =>
  failure === undefined
    ? `${file} is not UTF-8. Save it as UTF-8.`
    : `${file} cannot be read (${failure}). Make sure that it is a file and that you may read it.`;

export const documentNotJson = (file: string): string =>
  `${file} is not JSON. Correct it; ${VERIFY}`;

export const documentNotObject = (file: string): string =>
  `${file} is not a JSON object. Correct it; ${VERIFY}`;
