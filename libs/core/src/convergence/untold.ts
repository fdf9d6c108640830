import type { MayHold } from '#core/accounts';
import { CURFEW, type AuditEvent } from '#core/audit';
import type { Instant, OrganizationId, UpcomingEnd } from '#core/shared';
import { isAway } from './away.js';
import { doubted } from './doubted.js';
import type { ConvergencePorts } from './ports.js';
import { Unsure } from './unsure.js';

const MOST = 5_000;

/** What was done, or may have been, without the database. */
export interface Deed extends UpcomingEnd {
  readonly at: Instant;
  /** Something was taken away; else nobody knows: Graph's answers were lost. */
  readonly certain: boolean;
  /** Null: nobody could plan it, so nobody knows what is left. */
  readonly left: MayHold | null;
}

/** What was done without the database, until it can be told. */
export class Untold {
  /** One of each end, however often it was tried. */
  #deeds = new Map<string, Deed>();
  readonly #unsure: Unsure;

  constructor(private readonly ports: ConvergencePorts) {
    this.#unsure = new Unsure(ports);
  }

  add(deed: Deed): void {
    // Its row is odd, or was not to be had: it is made to doubt by itself, apart from the log.
    if (deed.left === null) this.#unsure.add(deed);
    const key = endOf(deed);
    const known = this.#deeds.get(key);
    if (known !== undefined || this.#deeds.size < MOST) this.#deeds.set(key, together(known, deed));
  }

  /** What could not be told is kept, and told the next time. Throws the first reason why not. */
  async tell(): Promise<void> {
    const deeds = [...this.#deeds.values()];
    this.#deeds = new Map();
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
        this.keep(deeds);
        return [error];
      }
    }
    const failures: unknown[] = [];
    for (const deed of deeds) failures.push(...(await this.tellOrKeep([deed])));
    return failures;
  }

  /** Meanwhile more may have been done. */
  private keep(deeds: readonly Deed[]): void {
    for (const deed of deeds) {
      const since = this.#deeds.get(endOf(deed));
      this.#deeds.set(endOf(deed), since === undefined ? deed : together(deed, since));
    }
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

const endOf = ({ accountId, takeAt }: Deed): string => `${accountId} ${takeAt}`;

/** What is known of an end, and what was done for it since: the rest of what it held is known to whoever planned it. */
const together = (known: Deed | undefined, deed: Deed): Deed => ({
  ...deed,
  left: deed.left ?? known?.left ?? null,
  certain: deed.certain || known?.certain === true,
});

/** What was in doubt, and is done later, is told as done. */
const onceFor = (deed: Deed) => ({
  key: `taken-from-memory ${endOf(deed)}${deed.certain ? '' : ' perhaps'}`,
  actorId: 'curfew',
  operation: 'account.taken_from_memory',
  bodyDigest: '',
  resourceId: deed.accountId,
});

const eventOf = ({ organizationId, customerId, accountId, ...of }: Deed): AuditEvent => ({
  organizationId,
  at: of.at,
  actor: CURFEW,
  action: 'account.taken_from_memory',
  subject: { kind: 'managed_account', id: accountId },
  customerId,
  details: { endedAt: new Date(of.takeAt).toISOString(), planned: of.left !== null, certain: of.certain },
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
