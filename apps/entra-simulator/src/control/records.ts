import type { RequestEntry, Violation, Violations } from './contract.js';

const mostEntries = 100_000;
const mostViolations = 10_000;
/** No more of an address is kept: a part of a batch may have one of megabytes. */
const longestText = 4_096;

/** The request log: a ring that keeps the newest entries. */
export class RequestLog {
  private ring: RequestEntry[] = [];
  private next = 0;
  private seq = 0;

  add(entry: Omit<RequestEntry, 'seq'>): void {
    const whole = { seq: ++this.seq, ...entry, ...shortened(entry) };
    this.ring[this.next] = whole;
    this.next = (this.next + 1) % mostEntries;
  }

  since(seq: number): RequestEntry[] {
    const inOrder = [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
    return inOrder.filter((entry) => entry.seq > seq);
  }

  clear(): void {
    this.ring = [];
    this.next = 0;
  }
}

const shortened = ({ path, appId, parts }: Omit<RequestEntry, 'seq'>): Partial<RequestEntry> => ({
  path: short(path),
  appId: appId === null ? null : short(appId),
  ...(parts !== undefined && { parts: parts.map((part) => ({ ...part, url: short(part.url) })) }),
});

const short = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);

/** Where callers broke Microsoft's contract, and where the simulator itself did. */
export class ViolationLog {
  private readonly logs: Violations = { requests: [], own: [] };

  add(kind: keyof Violations, violation: Violation): void {
    const log = this.logs[kind];
    log.push(violation);
    if (log.length > mostViolations) log.shift();
  }

  clear(): void {
    this.logs.requests.length = 0;
    this.logs.own.length = 0;
  }

  all(): Violations {
    return this.logs;
  }
}
