/** A global symbol, so that all loaded copies of the package share it; their classes are different objects. */
const KINDS = Symbol.for('nestjs-quonfig.error.kinds');

/**
 * Base class of all errors of the SDK. `code` is stable and meant for programs; the message is for people and may change.
 *
 * `instanceof` never throws, and also recognizes errors of other copies of this package. An application has several copies if it loads both ESM
 * and CommonJS, or if npm installs two versions.
 *
 * @publicApi
 */
export class QuonfigError extends Error {
  static {
    nameError(this, 'QuonfigError');
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    try {
      // A class that an application derives has no kind, so compare prototypes.
      if (!Object.hasOwn(this.prototype, KINDS)) {
        return Function.prototype[Symbol.hasInstance].call(this, value);
      }
      return kindsOf(value).includes(kindsOf(this.prototype).at(-1)!);
    } catch {
      // A trap of a proxy threw. Its error must not replace the one being handled, because it may contain secrets.
      return false;
    }
  }

  /**
   * @param code stable identifier of the kind of error
   * @param message what happened, what it means, and what to do
   * @param options the `cause`, if there is one
   */
  constructor(
    /** Stable identifier of the kind of error, e.g. `network_error`. See docs/errors.md. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Returns the name, the message, the code and the error's other fields, without stack and cause. */
  toJSON(): Record<string, unknown> {
    const { name, message } = this;
    return { name, message, ...(this as object) };
  }
}

/**
 * Returns whether a value is an error of the SDK, from any loaded copy of the package.
 *
 * @param value any value, e.g. one that was caught
 * @returns `true` narrows the type to `QuonfigError`
 * @example
 * ```ts
 * if (isQuonfigError(error) && error.code === 'network_error') retryLater();
 * ```
 *
 * @publicApi
 */
export function isQuonfigError(value: unknown): value is QuonfigError {
  return value instanceof QuonfigError;
}

/**
 * Sets the name of an error class as a literal, because bundlers rename classes. The name is a property of the prototype, as
 * for built-in errors.
 */
export function nameError({ prototype }: { prototype: QuonfigError }, name: string): void {
  const hidden = { configurable: true, writable: true, enumerable: false };
  const kinds = [...kindsOf(Object.getPrototypeOf(prototype)), name];
  Object.defineProperty(prototype, 'name', { ...hidden, value: name });
  Object.defineProperty(prototype, KINDS, { ...hidden, value: kinds });
}

/** Returns the names of an error's class and of its base classes, the base first. */
function kindsOf(value: unknown): readonly string[] {
  const kinds = (value as { [KINDS]?: unknown } | null | undefined)?.[KINDS];
  return Array.isArray(kinds) ? kinds : [];
}
