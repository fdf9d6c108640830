import type { MayHold } from '#core/accounts';
import { CURFEW, type AuditEvent } from '#core/audit';
import type { Instant, OrganizationId, UpcomingEnd } from '#core/shared';
import { isAway } from './away.js';
import { doubted } from './doubted.js';
import type { ConvergencePorts } from './ports.js';
import { Unsure } from './unsure.js';

const MOST = 5_000;

/** What was done without the database. */
export interface Deed extends UpcomingEnd {
  readonly at: Instant;
  /** Null: nobody could plan it, so nobody knows what is left. */
  readonly left: MayHold | null;
}

/** What was done without the database, until it can be told. */
export class Untold {
  #deeds: Deed[] = [];
  readonly #unsure: Unsure;

  constructor(private readonly ports: ConvergencePorts) {
    this.#unsure = new Unsure(ports);
  }

  add(deed: Deed): void {
    // Its row is odd, or was not to be had: it is made to doubt by itself, apart from the log.
    if (deed.left === null) this.#unsure.add(deed);
    if (this.#deeds.length < MOST) this.#deeds.push(deed);
  }

  /** What could not be told is kept, and told the next time. Throws the first reason why not. */
  async tell(): Promise<void> {
    const deeds = this.#deeds;
    this.#deeds = [];
    const failures: unknown[] = [];
    const settling = this.#unsure.settle();
    for (const group of byOrganization(deeds).values()) failures.push(...(await this.tellOrKeep(group)));
    await settling;
    if (failures.length > 0) throw failures[0];
  }

  /** Together; when that fails, each alone: a row that somebody holds keeps nothing else from the log. */
  private async tellOrKeep(deeds: readonly Deed[]): Promise<readonly unknown[]> {
    try {
      await this.tellOf(deeds);
      return [];
    } catch (error) {
      if (isAway(error) || deeds.length === 1) {
        this.#deeds.push(...deeds);
        return [error];
      }
    }
    const failures: unknown[] = [];
    for (const deed of deeds) failures.push(...(await this.tellOrKeep([deed])));
    return failures;
  }

  /**
   * Of one organization. An end that was put off without our knowing was kept too early: its row is made to doubt it. Where
   * two of us kept the same end from memory, the log has it once.
   */
  private async tellOf(deeds: readonly Deed[]): Promise<void> {
    const [first] = deeds;
    if (first === undefined) return;
    const now = this.ports.clock.now();
    const inOrder = [...deeds].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
    await this.ports.unitOfWork.inOrganization(first.organizationId, async (stores) => {
      const news: AuditEvent[] = [];
      for (const deed of inOrder) {
        const { accountId, left } = deed;
        if (left !== null) await stores.accounts.suspect(accountId, (held) => doubted(held, left), now);
        const { first: isFirst } = await stores.idempotency.begin(onceFor(deed));
        if (isFirst) news.push(eventOf(deed));
      }
      await stores.audit.append(news);
    });
  }
}

const onceFor = ({ accountId, takeAt }: Deed) => ({
  key: `taken-from-memory ${accountId} ${takeAt}`,
  actorId: 'curfew',
  operation: 'account.taken_from_memory',
  bodyDigest: '',
  resourceId: accountId,
});

const eventOf = ({ organizationId, customerId, accountId, takeAt, at, left }: Deed): AuditEvent => ({
  organizationId,
  at,
  actor: CURFEW,
  action: 'account.taken_from_memory',
  subject: { kind: 'managed_account', id: accountId },
  customerId,
  details: { endedAt: new Date(takeAt).toISOString(), planned: left !== null },
});

/** Rows of each organization, in their order. */
export const byOrganization = <Row extends { readonly organizationId: OrganizationId }>(
  rows: readonly Row[],
): ReadonlyMap<OrganizationId, readonly Row[]> => {
  const groups = new Map<OrganizationId, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.organizationId);
    if (group === undefined) groups.set(row.organizationId, [row]);
    else group.push(row);
  }
  return groups;
};
