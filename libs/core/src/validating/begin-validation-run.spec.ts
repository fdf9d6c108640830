import { idOf } from '#core/shared';
import { BeginValidationRun, MOST_CUSTOMERS_A_RUN } from './begin-validation-run.js';
import { CancelValidationRun } from './cancel-validation-run.js';
import { aFleet } from '../testing/validation-run.samples.js';

describe('BeginValidationRun', () => {
  it('writes a line for each customer that is named, once, and says so in the audit log', async () => {
    const fleet = await aFleet(3);
    const [one, two] = fleet.customerIds;
    if (one === undefined || two === undefined) throw new Error('There are no customers.');

    const run = await fleet.begin([one, two, one]);

    expect((await fleet.progress(run.id)).counts).toMatchObject({ waiting: 2 });
    expect(fleet.unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'validation_run.begun',
      actor: fleet.actor,
      subject: { kind: 'validation_run', id: run.id },
      details: { customers: 2, all: false },
    });
  });

  it('takes all that are connected when none is named', async () => {
    const fleet = await aFleet(3);

    const run = await fleet.begin(null);

    expect((await fleet.progress(run.id)).counts).toMatchObject({ waiting: 1 });
  });

  it('refuses a second one while one runs, and names that', async () => {
    const fleet = await aFleet(2);
    const run = await fleet.begin();

    await expect(fleet.begin()).rejects.toMatchObject({
      code: 'validation_run.running',
      details: { runId: run.id },
    });
  });

  it('refuses when nobody is connected, and when it is of too many', async () => {
    const fleet = await aFleet(1);
    const { organizationId, world } = fleet;
    await fleet.unitOfWork.inOrganization(organizationId, ({ connections }) =>
      connections.beginRemoval(world.customer.id),
    );
    const many = Array.from({ length: MOST_CUSTOMERS_A_RUN + 1 }, () => idOf<'customer'>(fleet.ids.uuid()));

    await expect(fleet.begin(null)).rejects.toMatchObject({ code: 'validation_run.nobody_connected' });
    await expect(fleet.begin(many)).rejects.toMatchObject({
      code: 'validation_run.too_many',
      details: { maximum: MOST_CUSTOMERS_A_RUN },
    });
    expect(fleet.unitOfWork.peek().audit).toHaveLength(1);
  });

  it('answers the same run to the same key, even when it is over', async () => {
    const { ports, organizationId, actor, unitOfWork } = await aFleet(1);
    const idempotency = { key: 'k', actorId: 'a', bodyDigest: 'd' };
    const command = { organizationId, customerIds: null, actor, idempotency };
    const begin = new BeginValidationRun(ports);

    const run = await begin.execute(command);
    await new CancelValidationRun(ports).execute({ organizationId, runId: run.id, actor });

    expect(await begin.execute(command)).toMatchObject({ id: run.id, state: 'cancelled' });
    expect(unitOfWork.peek().audit.filter(({ action }) => action === 'validation_run.begun')).toHaveLength(1);
  });
});
