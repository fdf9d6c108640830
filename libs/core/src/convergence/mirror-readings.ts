import type { Instant, OrganizationId, UpcomingEnd } from '#core/shared';
import type { MirroredEnd, MirrorReader } from './mirrored-end.js';
import type { RevokeFailed } from './revoke-overdue.js';
import { byOrganization } from './untold.js';

/** Organizations that are read side by side: fewer than there are connections. */
const ORGANIZATIONS_AT_ONCE = 4;
/** Accounts read in one transaction: the rows of a whole organization would not fit into its time. */
const READ_TOGETHER = 100;

/** Reads organization after organization, a few side by side: one that is slow holds up only itself. */
export class MirrorReadings {
  readonly #reading = new Map<OrganizationId, Promise<void>>();
  /** When each organization last had its turn. */
  readonly #readAt = new Map<OrganizationId, Instant>();
  #waiting: (readonly UpcomingEnd[])[] = [];

  constructor(
    private readonly reader: MirrorReader,
    private readonly keep: (each: MirroredEnd) => void,
  ) {}

  /** These instead of what still waits for its turn, whoever waits longest first. Ends when nothing is being read. */
  async begin(ends: readonly UpcomingEnd[], now: Instant, failed: RevokeFailed): Promise<void> {
    const groups = byOrganization(ends);
    this.#waiting = [...groups.values()].sort((a, b) => this.#turnOf(a) - this.#turnOf(b));
    this.#next(now, failed);
    await this.idle();
  }

  /** All that end soon, read or to be read. */
  forgetAllBut(ends: readonly UpcomingEnd[]): void {
    this.reader.forgetAllBut(new Set(ends.map(({ accountId }) => accountId)));
    const organizations = new Set(ends.map(({ organizationId }) => organizationId));
    for (const id of this.#readAt.keys()) if (!organizations.has(id)) this.#readAt.delete(id);
  }

  /** Until nothing is being read. */
  async idle(): Promise<void> {
    while (this.#reading.size > 0) await Promise.all(this.#reading.values());
  }

  #turnOf([end]: readonly UpcomingEnd[]): Instant {
    return end === undefined ? 0 : (this.#readAt.get(end.organizationId) ?? 0);
  }

  #next(now: Instant, failed: RevokeFailed): void {
    while (this.#reading.size < ORGANIZATIONS_AT_ONCE) {
      const group = this.#waiting.shift();
      const [first] = group ?? [];
      if (group === undefined || first === undefined) return;
      const { organizationId } = first;
      // What is being read already is read again the next time.
      if (this.#reading.has(organizationId)) continue;
      this.#readAt.set(organizationId, now);
      const reading = this.#read(group, failed).finally(() => {
        this.#reading.delete(organizationId);
        this.#next(now, failed);
      });
      this.#reading.set(organizationId, reading);
    }
  }

  /** Never throws: what was mirrored of them before is kept, and kept to. */
  async #read(ends: readonly UpcomingEnd[], failed: RevokeFailed): Promise<void> {
    for (let from = 0; from < ends.length; from += READ_TOGETHER) {
      const some = ends.slice(from, from + READ_TOGETHER);
      const [first] = some;
      try {
        for (const each of await this.reader.read(some, failed)) this.keep(each);
      } catch (error) {
        if (first !== undefined) failed(first, error);
        for (const each of this.reader.stale(some)) this.keep(each);
      }
    }
  }
}
