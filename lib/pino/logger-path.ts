import type { Logger } from 'pino';

/** The path of messages and loggers without a name. */
const NO_NAME = 'app';

/** What was found in the bindings of a logger. */
interface Found {
  /** The bindings as pino keeps them: JSON without braces. */
  readonly bindings: unknown;
  readonly path: string;
}

/** Finds the paths of messages: in their own fields, else in what their logger adds to all its messages. */
export class LoggerPaths {
  private readonly found = new WeakMap<Logger, Found>();
  /** Where pino keeps bindings. Each copy of pino in an application has a symbol of its own. */
  private symbol: symbol | undefined;

  constructor(private readonly field: string) {}

  of(logger: Logger, first: unknown): string {
    return this.inFields(first) ?? this.inBindings(logger);
  }

  private inFields(first: unknown): string | undefined {
    // Pino writes an error as a field of its own, so its properties are none of the message.
    if (typeof first !== 'object' || first === null || first instanceof Error) return undefined;
    const path = (first as Record<string, unknown>)[this.field];
    return typeof path === 'string' ? path : undefined;
  }

  /** `bindings()` parses JSON, so it is called once per logger, and again after `setBindings()`. */
  private inBindings(logger: Logger): string {
    const bindings = this.rawBindings(logger);
    const known = this.found.get(logger);
    if (known !== undefined && known.bindings === bindings) return known.path;
    const path = this.canBeIn(bindings) ? this.search(logger) : NO_NAME;
    this.found.set(logger, { bindings, path });
    return path;
  }

  private rawBindings(logger: Logger): unknown {
    const fields = logger as unknown as Record<symbol, unknown>;
    if (this.symbol !== undefined && fields[this.symbol] !== undefined) return fields[this.symbol];
    const own = Object.getOwnPropertySymbols(logger);
    this.symbol = own.find(({ description }) => description === 'pino.chindings');
    return this.symbol && fields[this.symbol];
  }

  /** Saves most loggers of requests, whose bindings are long, from being parsed. */
  private canBeIn(bindings: unknown): boolean {
    if (typeof bindings !== 'string') return true;
    return bindings.includes(`${JSON.stringify(this.field)}:`) || bindings.includes('"name":');
  }

  private search(logger: Logger): string {
    const { [this.field]: path, name } = logger.bindings();
    if (typeof path === 'string') return path;
    return typeof name === 'string' ? name : NO_NAME;
  }
}
