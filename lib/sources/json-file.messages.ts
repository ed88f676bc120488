export const fileMissing = (): string =>
  'the file does not exist, or is a broken link. Create it, or correct the path.';

export const fileUnreadable = (code: string): string => {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `permission to read the file is denied (${code}). Grant it to the user of this process.`;
    default:
      return `the file cannot be read (${code}). Check the file and its disk.`;
  }
};

/** @param kind what is there instead, e.g. `a directory` */
export const fileNotRegular = (kind: string): string =>
  `this is ${kind} where a JSON file is expected. Correct the path.`;

export const fileNotUtf8 = (): string => 'the file is not UTF-8. Save it as UTF-8.';

export const fileNotJson = (): string =>
  'this is not valid JSON. Correct the file here, or just before this position.';
