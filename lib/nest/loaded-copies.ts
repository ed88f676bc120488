import type { QuonfigLogger } from '../interfaces/index.js';
import { loadedTwice } from './nest.messages.js';

const COPIES = Symbol.for('nestjs-quonfig.copies');

/** What every copy of the package that this process has loaded can see. */
interface SharedCopies {
  /** The file of each copy that runs this code. */
  readonly files: Set<string>;
  /** How many files the last warning named. */
  warnedOf: number;
}

const shared = ((globalThis as { [COPIES]?: SharedCopies })[COPIES] ??= {
  files: new Set(),
  warnedOf: 1,
});
shared.files.add(ownFile());

/** Warns, once per process, if several copies of the package are loaded: a class of one is no token of the other. */
export function warnOfCopies(logger: Pick<QuonfigLogger, 'warn'>): void {
  const { files } = shared;
  if (files.size <= shared.warnedOf) return;
  shared.warnedOf = files.size;
  logger.warn(loadedTwice([...files]));
}

/** The file that this code runs from. Not `import.meta`: test runners that compile to CommonJS reject it. */
function ownFile(): string {
  const [, frame = ''] = new Error().stack?.split('\n') ?? [];
  return frame.replace(/^.*?(?=file:|\/|[A-Za-z]:\\)/, '').replace(/:\d+:\d+\)?$/, '');
}
