export const fileMissing = (): string =>
  'the file does not exist, or is a link to one that does not. Create it, or correct the path.';

export const fileUnreadable = (code: string): string => {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `the file may not be read (${code}). Give the user of this process permission to read it.`;
    case 'EISDIR':
      return 'this is a directory where a JSON file is expected. Correct the path.';
    default:
      return `the file cannot be read (${code}). Check the file and the disk it is on.`;
  }
};

export const fileNotText = (): string =>
  'the file is not UTF-8 text. Save it in the encoding UTF-8.';

export const fileNotJson = (): string =>
  'this is not valid JSON. Correct it here, or just before this place.';
