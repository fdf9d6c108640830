import type { DeploymentLedger, DeploymentState, Instant, OrganizationId, Restored } from '#core/shared';
import type { InMemoryDatabase } from './in-memory-database.js';

type Serially = <T>(work: () => T) => Promise<T>;

/** The deployment's row over the fake's rows. */
export class InMemoryDeployment implements DeploymentLedger {
  constructor(
    private readonly database: InMemoryDatabase,
    private readonly serially: Serially,
  ) {}

  read(): Promise<DeploymentState> {
    return this.serially(() => {
      const { restoringSince, generation } = this.database.deployment;
      return { restoringSince, generation, mark: this.#mark(), hasAccounts: this.#hasAccounts() };
    });
  }

  begin({ at, found, seen }: Restored): Promise<void> {
    return this.serially(() => {
      const { restoringSince, generation, seen: known } = this.database.deployment;
      if (generation !== found.generation) return;
      if (restoringSince !== null && (seen === null || !isHigher(seen, known))) return;
      this.database.deployment = { restoringSince: at, generation, seen };
    });
  }

  finish(since: Instant): Promise<boolean> {
    return this.serially(() => {
      const { restoringSince, generation, seen } = this.database.deployment;
      if (restoringSince !== since || this.#isWaiting(since)) return false;
      const next = Math.max(generation, seen?.generation ?? 0) + 1;
      this.database.deployment = { restoringSince: null, generation: next, seen };
      return true;
    });
  }

  #isWaiting(since: Instant): boolean {
    return this.database.connections
      .everything()
      .filter(({ state }) => state === 'active')
      .some(
        ({ organizationId, customerId }) =>
          this.database.drifts.get(organizationId, customerId)?.wholeFor !== since,
      );
  }

  #mark(): number {
    const heads = new Map<OrganizationId, number>();
    for (const { organizationId, sequence } of this.database.audit.everything())
      heads.set(organizationId, Math.max(sequence, heads.get(organizationId) ?? 0));
    return [...heads.values()].reduce((sum, head) => sum + head, 0);
  }

  #hasAccounts(): boolean {
    return this.database.accounts.everything().length > 0;
  }
}

type Marked = NonNullable<Restored['seen']>;

const isHigher = (one: Marked, other: Marked | null): boolean =>
  other === null ||
  one.generation > other.generation ||
  (one.generation === other.generation && one.mark > other.mark);
