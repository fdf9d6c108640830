import type { AuditActor, AuditStores } from '#core/audit';
import type { Clock, OrganizationId, UnitOfWork, ValidationRunId } from '#core/shared';
import type { TenancyStores, ValidationRun } from '#core/tenancy';
import { validatingErrors } from './validating.errors.js';

type Stores = AuditStores & TenancyStores;

export interface CancelValidationRunCommand {
  readonly organizationId: OrganizationId;
  readonly runId: ValidationRunId;
  readonly actor: AuditActor;
}

/**
 * Cancels whatever still waits in a run. A customer that is being asked at this moment is asked to the end, and what is found
 * there is kept at the customer; the run waits for none of it.
 */
export class CancelValidationRun {
  constructor(private readonly ports: { readonly unitOfWork: UnitOfWork<Stores>; readonly clock: Clock }) {}

  /** Cancelled once more it stays as it is. Throws `validation_run.not_found`, `validation_run.over`. */
  execute({ organizationId, runId, actor }: CancelValidationRunCommand): Promise<ValidationRun> {
    return this.ports.unitOfWork.inOrganization(organizationId, async ({ validationRuns, audit }) => {
      const run = await validationRuns.lock(runId);
      if (run === null) throw validatingErrors.refuse('validation_run.not_found');
      if (run.state === 'done') throw validatingErrors.refuse('validation_run.over');
      if (run.state === 'cancelled') return run;
      const at = this.ports.clock.now();
      const cancelled = await validationRuns.close(runId, 'cancelled', at);
      await audit.append([
        {
          organizationId,
          at,
          actor,
          action: 'validation_run.cancelled',
          subject: { kind: 'validation_run', id: runId },
          customerId: null,
          details: { cancelled },
        },
      ]);
      return { ...run, state: 'cancelled', endedAt: at };
    });
  }
}
