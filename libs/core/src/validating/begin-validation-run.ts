import type { AuditActor, AuditStores } from '#core/audit';
import {
  idOf,
  type Clock,
  type CustomerId,
  type IdempotencyStores,
  type Ids,
  type OrganizationId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey, type TenancyStores, type ValidationRun } from '#core/tenancy';
import { validatingErrors } from './validating.errors.js';

type Stores = AuditStores & IdempotencyStores & TenancyStores;

/** More customers than an MSP has; each is a row that a worker has to take up. */
export const MOST_CUSTOMERS_A_RUN = 1_000;

export interface BeginValidationRunCommand {
  readonly organizationId: OrganizationId;
  /** Null: all that are connected. */
  readonly customerIds: readonly CustomerId[] | null;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

/** Begins Validate for many customers: writes a line for each. Workers take them up within a second; nothing is asked here. */
export class BeginValidationRun {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<Stores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /**
   * Throws `customer.not_found`, `validation_run.running`, `validation_run.nobody_connected`, `validation_run.too_many`,
   * `idempotency.key_reused`.
   */
  execute(command: BeginValidationRunCommand): Promise<ValidationRun> {
    const newId = this.ports.ids.uuid();
    return this.ports.unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const create = { operation: 'validation_run.begin', resourceId: newId };
      const { first, resourceId } = await beginCreate(stores, command.idempotency, create);
      const known = first ? null : await stores.validationRuns.get(idOf(resourceId));
      return known ?? this.begin(stores, command, resourceId);
    });
  }

  private async begin(
    stores: Stores,
    { organizationId, customerIds, actor }: BeginValidationRunCommand,
    id: string,
  ): Promise<ValidationRun> {
    const running = await stores.validationRuns.running();
    if (running !== null) throw validatingErrors.refuse('validation_run.running', { runId: running });
    const wanted = customerIds === null ? await connected(stores) : [...new Set(customerIds)];
    if (wanted.length > MOST_CUSTOMERS_A_RUN) throw tooMany();
    const run: ValidationRun = {
      id: idOf(id),
      organizationId,
      state: 'running',
      actor,
      begunAt: this.ports.clock.now(),
      endedAt: null,
    };
    await stores.validationRuns.insert(run, wanted);
    await stores.audit.append([
      {
        organizationId,
        at: run.begunAt,
        actor,
        action: 'validation_run.begun',
        subject: { kind: 'validation_run', id },
        customerId: null,
        details: { customers: wanted.length, all: customerIds === null },
      },
    ]);
    return run;
  }
}

const connected = async ({ validationRuns }: Stores): Promise<readonly CustomerId[]> => {
  const found = await validationRuns.connected(MOST_CUSTOMERS_A_RUN + 1);
  if (found.length === 0) throw validatingErrors.refuse('validation_run.nobody_connected');
  return found;
};

const tooMany = (): Error =>
  validatingErrors.refuse('validation_run.too_many', { maximum: MOST_CUSTOMERS_A_RUN });
