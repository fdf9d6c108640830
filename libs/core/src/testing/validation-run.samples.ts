import type { AuditActor } from '#core/audit';
import { idOf, type CustomerId, type ValidationRunId } from '#core/shared';
import type { Validation } from '#core/tenancy';
import { BeginValidationRun, type ValidateCommand } from '#core/validating';
import { FakeClock } from './fake-clock.js';
import { FakeIds } from './fake-ids.js';
import { InMemoryUnitOfWork } from './in-memory-unit-of-work.js';
import { aWorld, NOON, plant } from './unit-of-work.samples.js';

/** Answers `pass` everywhere at once, but for those whom it was told of. */
export class FakeValidate {
  readonly asked: CustomerId[] = [];
  readonly actors: AuditActor[] = [];
  readonly #odd = new Map<CustomerId, () => Promise<Validation['verdict']>>();

  /** At this customer it goes otherwise. */
  at(id: CustomerId, answer: () => Promise<Validation['verdict']>): void {
    this.#odd.set(id, answer);
  }

  async execute({ organizationId, customerId, actor }: ValidateCommand): Promise<Validation> {
    this.asked.push(customerId);
    this.actors.push(actor);
    const verdict = await (this.#odd.get(customerId)?.() ?? Promise.resolve('pass' as const));
    return { organizationId, customerId, connectionVersion: 1, at: NOON, verdict, lines: [] };
  }
}

/** An organization with so many customers, one of them connected, and a validation run to begin over all. */
export const aFleet = async (count: number) => {
  const [ids, clock, unitOfWork] = [new FakeIds(), new FakeClock(NOON), new InMemoryUnitOfWork()];
  const world = aWorld(ids);
  await plant(unitOfWork, world);
  const { id: organizationId } = world.organization;
  const customerIds = [world.customer.id];
  await unitOfWork.inOrganization(organizationId, async ({ customers }) => {
    while (customerIds.length < count) {
      const customer = { ...world.customer, id: idOf<'customer'>(ids.uuid()) };
      await customers.insert(customer);
      customerIds.push(customer.id);
    }
  });
  const actor: AuditActor = { kind: 'technician', id: world.technician.id, tokenId: null };
  const ports = { unitOfWork, clock, ids };
  const begin = (wanted: readonly CustomerId[] | null = customerIds) =>
    new BeginValidationRun(ports).execute({
      organizationId,
      customerIds: wanted,
      actor,
      idempotency: null,
    });
  const progress = async (id: ValidationRunId) => {
    const known = await unitOfWork.inOrganization(organizationId, ({ validationRuns }) =>
      validationRuns.progress(id, clock.now()),
    );
    if (known === null) throw new Error('There is no such run.');
    return known;
  };
  return { ...ports, progress, world, organizationId, customerIds, actor, begin, ports };
};
