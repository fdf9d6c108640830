/** How node's inspector asks an object to print itself; a registered symbol, so nothing is imported. */
const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A value that must not be printed: every road to text says `[redacted]`, and only `expose` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one call that needs it. */
  expose(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect](): string {
    return '[redacted]';
  }
}
