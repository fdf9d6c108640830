import type { AuditActor } from '#core/audit';
import { DomainError, type Clock, type UnitOfWork, type ValidationClaim } from '#core/shared';
import type { TenancyStores, ValidationLineEnd } from '#core/tenancy';
import type { ValidateCustomer } from './validate-customer.js';
import { validatingErrors } from './validating.errors.js';

/** A worker that dies takes its customers with it: they are tried again, but not for ever. */
const MOST_TRIES = 3;

type Outcome = Pick<ValidationLineEnd, 'state' | 'why'>;

/** Validates one customer of a run, for whoever began the run, and writes its line; the last one ends the run. */
export class ValidateClaimed {
  constructor(
    private readonly ports: { readonly unitOfWork: UnitOfWork<TenancyStores>; readonly clock: Clock },
    private readonly validate: Pick<ValidateCustomer, 'execute'>,
  ) {}

  /** Throws what says nothing of the customer: the database is away, or a bug. It is tried again when the claim is over. */
  async execute(claim: ValidationClaim): Promise<void> {
    const { organizationId, runId } = claim;
    const { unitOfWork } = this.ports;
    const run = await unitOfWork.inOrganization(organizationId, ({ validationRuns }) =>
      validationRuns.get(runId),
    );
    if (run?.state !== 'running') return;
    const outcome = claim.epoch > MOST_TRIES ? GAVE_UP : await this.outcomeOf(claim, run.actor);
    await unitOfWork.inOrganization(organizationId, (stores) => this.settle(stores, claim, outcome));
  }

  private async outcomeOf(claim: ValidationClaim, actor: AuditActor): Promise<Outcome> {
    const { organizationId, customerId } = claim;
    try {
      const { verdict } = await this.validate.execute({ organizationId, customerId, actor });
      return { state: verdict, why: null };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code.startsWith('database.')) throw error;
      return couldNot(error);
    }
  }

  /** Under the run's lock: of the two last ones, one sees that nobody waits any more. */
  private async settle(
    { validationRuns }: TenancyStores,
    claim: ValidationClaim,
    outcome: Outcome,
  ): Promise<void> {
    const at = this.ports.clock.now();
    const run = await validationRuns.lock(claim.runId);
    if (run?.state !== 'running') return;
    if (!(await validationRuns.finish(claim, { ...outcome, at } as ValidationLineEnd))) return;
    if (!(await validationRuns.hasWaiting(claim.runId))) await validationRuns.close(claim.runId, 'done', at);
  }
}

const couldNot = ({ code, message, remedy }: DomainError): Outcome => ({
  state: 'could_not',
  why: { code, says: message, mend: remedy },
});

const GAVE_UP = couldNot(validatingErrors.refuse('validation_run.gave_up'));
