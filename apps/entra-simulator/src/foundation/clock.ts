/** The simulator's time: the machine's clock, or a test's, moved forward by what the control API asked. */
export class Clock {
  private offsetMs = 0;

  constructor(private readonly source: () => number = Date.now) {}

  now(): number {
    return this.source() + this.offsetMs;
  }

  advance(ms: number): void {
    this.offsetMs += ms;
  }
}

/** Graph's date-times have no fraction when they come from the directory. */
export const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
export const isoMillis = (ms: number): string => new Date(ms).toISOString();
