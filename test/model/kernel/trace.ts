import type { Instant } from '#core/shared';

export interface TraceLine {
  readonly at: Instant;
  readonly who: string;
  readonly what: string;
}

/** What happened, in order and in words. */
export class Trace {
  readonly lines: TraceLine[] = [];

  constructor(
    private readonly now: () => Instant,
    private readonly beganAt: Instant,
  ) {}

  note(who: string, what: string): void {
    this.lines.push({ at: this.now(), who, what });
  }

  /** The last lines until an instant. */
  until(at: Instant, count: number): readonly string[] {
    const before = this.lines.filter((line) => line.at <= at);
    return before.slice(-count).map((line) => this.spell(line));
  }

  all(): readonly string[] {
    return this.lines.map((line) => this.spell(line));
  }

  /** As it stands in a trace: minutes, seconds and milliseconds since the beginning. */
  time(at: Instant): string {
    const ms = at - this.beganAt;
    const minutes = Math.floor(ms / 60_000);
    const seconds = Math.floor((ms % 60_000) / 1_000);
    return `${String(minutes).padStart(3)}:${String(seconds).padStart(2, '0')}.${String(ms % 1_000).padStart(3, '0')}`;
  }

  private spell({ at, who, what }: TraceLine): string {
    return `${this.time(at)}  ${who.padEnd(10)} ${what}`;
  }
}
