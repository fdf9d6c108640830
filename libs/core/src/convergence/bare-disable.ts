import type { DirectoryStep, StepOutcome } from '#core/accounts';
import { CURFEW } from '#core/audit';
import { SECOND, type CustomerRef, type AccountId, type ObjectId } from '#core/shared';
import { appsOf, type EntraConnection } from '#core/tenancy';
import { codeOf } from './away.js';
import { wasCertainlyNotDone } from './failure.js';
import type { ConvergencePorts } from './ports.js';
import { Unsure } from './unsure.js';
import { performBy } from './ways-in.js';

const CALL_MS = 10 * SECOND;

/** An account that is worked on without its row. */
type Account = CustomerRef & { readonly accountId: AccountId };

/** All that it takes. */
export interface BareAccount {
  readonly user: ObjectId;
  readonly connection: EntraConnection;
}

/**
 * Disable and revoke, on nothing but an object id: for an account whose row can't be understood, or had in time. It may take from a
 * grant that still runs; an account that nobody can plan is better off than on. Nothing is taken for done that nobody planned:
 * the row stays overdue, and is no longer sure that the account is enabled.
 */
export class BareDisable {
  readonly unsure: Unsure;

  constructor(private readonly ports: ConvergencePorts) {
    this.unsure = new Unsure(ports);
  }

  /** Throws when Graph refuses the disable. Without an object or a connection there is nothing to do. `why` is for the log. */
  async execute(account: Account, why: unknown): Promise<void> {
    const bare = await this.read(account);
    if (bare === null) return;
    const outcomes = await this.send(bare);
    if (outcomes.some(mayHaveDisabled)) await this.unsure.tell(account);
    await this.note(account, outcomes, codeOf(why));
    const refusal = outcomes.find((outcome) => !outcome.ok);
    if (refusal !== undefined && !refusal.ok) throw refusal.error;
  }

  /** What it takes, from columns that can be read however odd the rest is; null where there is nobody, or no way in. */
  read({ organizationId, customerId, accountId }: Account): Promise<BareAccount | null> {
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const user = await stores.accounts.objectIdOf(accountId);
      const connection = await stores.connections.ofCustomer(customerId);
      return user === null || connection === null ? null : { user, connection };
    });
  }

  /** Without the database. */
  send({ user, connection }: BareAccount): Promise<readonly StepOutcome[]> {
    const apps = appsOf(connection, this.ports.box);
    return performBy(this.ports, apps, { steps: stepsFor(user), timeoutMs: CALL_MS });
  }

  private async note(
    account: Account,
    outcomes: readonly StepOutcome[],
    because: string | null,
  ): Promise<void> {
    const done = outcomes.filter(({ ok }) => ok).map(({ ref }) => ref);
    if (done.length === 0) return;
    const { organizationId, customerId, accountId } = account;
    await this.ports.unitOfWork.inOrganization(organizationId, (stores) =>
      stores.audit.append([
        {
          organizationId,
          at: this.ports.clock.now(),
          actor: CURFEW,
          action: 'account.disabled_unplanned',
          subject: { kind: 'managed_account', id: accountId },
          customerId,
          details: { done, because },
        },
      ]),
    );
  }
}

const DISABLED = 'disabled';

/** Also where the answer was lost. */
export const mayHaveDisabled = (outcome: StepOutcome): boolean =>
  outcome.ref === DISABLED && (outcome.ok || !wasCertainlyNotDone(outcome.error));

/** Graph said so. */
export const hasDisabled = (outcome: StepOutcome): boolean => outcome.ref === DISABLED && outcome.ok;

const stepsFor = (user: ObjectId): readonly DirectoryStep[] => [
  { ref: DISABLED, call: { do: 'disable', user } },
  { ref: 'sessions revoked', call: { do: 'revokeSessions', user } },
];
