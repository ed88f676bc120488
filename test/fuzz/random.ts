/** Repeatable random numbers. The seed of a failure, as FUZZ_SEED, repeats it. */
export class Random {
  constructor(private state: number) {}

  /** From 0 (inclusive) to 1 (exclusive). */
  next = (): number => {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  text(maxLength: number): string {
    const alphabets = ['ab.*+?()[]{}|^$\\', 'äöü€😀', '\u0000\n\r\t"\'', '\ud800\udc00', 'abc123'];
    const units = Array.from({ length: this.below(maxLength) }, () => this.pick(alphabets));
    return units.map((unit) => unit.charAt(this.below(unit.length))).join('');
  }
}

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 20);

/** Repeats an attempt with a new seed each time. A failure names its seed. */
export async function fuzz(attempt: (random: Random) => Promise<void> | void): Promise<number> {
  const fixed = process.env['FUZZ_SEED'];
  if (fixed !== undefined) {
    await attempt(new Random(Number(fixed)));
    return 1;
  }
  const end = performance.now() + seconds * 1_000;
  let attempts = 0;
  for (; performance.now() < end; attempts++) {
    const seed = (Math.random() * 2 ** 31) | 0;
    try {
      await attempt(new Random(seed));
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} failed`, { cause: error });
    }
  }
  return attempts;
}
