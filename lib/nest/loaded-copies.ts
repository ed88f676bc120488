import type { SdkLogger } from '../interfaces/index.js';
import { loadedTwice } from './nest.messages.js';

const COPIES = Symbol.for('nestjs-quonfig.copies');

/** What every copy of the package that this process has loaded can see. */
interface SharedCopies {
  /** The file of each copy that runs this code. */
  readonly files: Set<string>;
  /** How many files the last warning named. */
  warnedOf: number;
}

const shared = sharedCopies();
const file = ownFile();
if (file !== '') shared.files.add(file);

/** Warns, once per process, if several copies of the package are loaded: a class of one is no token of the other. */
export function warnOfCopies(logger: Pick<SdkLogger, 'warn'>): void {
  const { files } = shared;
  if (files.size <= shared.warnedOf) return;
  shared.warnedOf = files.size;
  logger.warn(loadedTwice([...files]));
}

/** Never throws, because that would break the import of the package: a missing warning does less harm. */
function sharedCopies(): SharedCopies {
  const own: SharedCopies = { files: new Set(), warnedOf: 1 };
  try {
    const found = ((globalThis as { [COPIES]?: SharedCopies })[COPIES] ??= own);
    // Another version of the package may store something else.
    return found.files instanceof Set && typeof found.warnedOf === 'number' ? found : own;
  } catch {
    // The globals of this process are frozen.
    return own;
  }
}

/**
 * The file that this code runs from; empty if unknown. Never throws. Not `import.meta`: test runners that compile to CommonJS
 * reject it.
 */
function ownFile(): string {
  try {
    const { stack }: { stack?: unknown } = new Error();
    // `Error.prepareStackTrace` of the application decides what this is.
    const [, frame = ''] = typeof stack === 'string' ? stack.split('\n') : [];
    return frame.replace(/^.*?(?=file:|\/|[A-Za-z]:\\)/, '').replace(/:\d+:\d+\)?$/, '');
  } catch {
    return '';
  }
}
