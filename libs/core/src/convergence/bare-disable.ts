import type { DirectoryStep, StepOutcome } from '#core/accounts';
import { CURFEW } from '#core/audit';
import { SECOND, type Claim, type ObjectId } from '#core/shared';
import { openApp, type EntraConnection } from '#core/tenancy';
import type { ConvergencePorts } from './ports.js';

const CALL_MS = 10 * SECOND;

/**
 * Disable and revoke, on nothing but an object id: for an account whose row can't be understood. It may take from a
 * grant that still runs; an account that nobody can plan is better off than on. The row stays as it is, and overdue:
 * nothing is taken for done that nobody planned.
 */
export class BareDisable {
  constructor(private readonly ports: ConvergencePorts) {}

  /** Throws when there is no object, no connection, or when Graph refuses the disable. */
  async execute(claim: Claim): Promise<void> {
    const { unitOfWork, directory, box } = this.ports;
    const { user, connection } = await unitOfWork.inOrganization(claim.organizationId, async (stores) => ({
      user: await stores.accounts.objectIdOf(claim.accountId),
      connection: await stores.connections.ofCustomer(claim.customerId),
    }));
    if (user === null || connection === null) return;
    const outcomes = await directory.perform(openApp(connection, box), stepsFor(user), CALL_MS);
    await this.note(claim, connection, outcomes);
    const refusal = outcomes.find((outcome) => !outcome.ok);
    if (refusal !== undefined && !refusal.ok) throw refusal.error;
  }

  private async note(
    claim: Claim,
    connection: EntraConnection,
    outcomes: readonly StepOutcome[],
  ): Promise<void> {
    const done = outcomes.filter(({ ok }) => ok).map(({ ref }) => ref);
    if (done.length === 0) return;
    await this.ports.unitOfWork.inOrganization(claim.organizationId, (stores) =>
      stores.audit.append([
        {
          organizationId: claim.organizationId,
          at: this.ports.clock.now(),
          actor: CURFEW,
          action: 'account.disabled_unplanned',
          subject: { kind: 'managed_account', id: claim.accountId },
          customerId: connection.customerId,
          details: { done },
        },
      ]),
    );
  }
}

const stepsFor = (user: ObjectId): readonly DirectoryStep[] => [
  { ref: 'disabled', call: { do: 'disable', user } },
  { ref: 'sessions revoked', call: { do: 'revokeSessions', user } },
];
