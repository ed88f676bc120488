/** Shared by all loaded copies of the package, whose classes are different objects. */
const KINDS = Symbol.for('nestjs-quonfig.error.kinds');

/**
 * Base class of all errors of the SDK. `code` is stable and meant for programs; the message is for people and may change.
 *
 * `instanceof` also recognizes errors of another copy of this package, as an application has when it loads it as both ESM
 * and CommonJS or when npm installs two versions.
 *
 * @publicApi
 */
export class QuonfigError extends Error {
  static {
    nameError(this, 'QuonfigError');
  }

  /** @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that an application derives has no kind of its own.
    if (!Object.hasOwn(this.prototype, KINDS)) {
      return Function.prototype[Symbol.hasInstance].call(this, value);
    }
    return kindsOf(value).includes(kindsOf(this.prototype).at(-1)!);
  }

  constructor(
    /** Stable identifier of the kind of error, e.g. `network_error`. See docs/errors.md. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Returns name, code, message and the error's own fields; no stack and no cause. */
  toJSON(): Record<string, unknown> {
    const { name, message } = this;
    return { name, message, ...(this as object) };
  }
}

/**
 * Returns whether a value is an error of this library, from any loaded copy of it.
 *
 * @param value anything, such as what a `catch` received
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
 * Gives an error class its name, literally: bundlers rename classes. The name lies on the prototype, as it does for the
 * errors of the platform.
 */
export function nameError({ prototype }: { prototype: QuonfigError }, name: string): void {
  const hidden = { configurable: true, writable: true, enumerable: false };
  const kinds = [...kindsOf(Object.getPrototypeOf(prototype)), name];
  Object.defineProperty(prototype, 'name', { ...hidden, value: name });
  Object.defineProperty(prototype, KINDS, { ...hidden, value: kinds });
}

/** The names of an error's class and of those that it extends, the base first. */
function kindsOf(value: unknown): readonly string[] {
  const kinds = (value as { [KINDS]?: unknown } | null | undefined)?.[KINDS];
  return Array.isArray(kinds) ? kinds : [];
}
