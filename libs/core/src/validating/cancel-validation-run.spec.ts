import { idOf } from '#core/shared';
import { NOON } from '#core/testing';
import { CancelValidationRun } from './cancel-validation-run.js';
import { ValidateClaimed } from './validate-claimed.js';
import { aFleet, FakeValidate } from '../testing/validation-run.samples.js';

describe('CancelValidationRun', () => {
  it('cancels whoever waits, keeps what was found, and says so once', async () => {
    const fleet = await aFleet(3);
    const { organizationId, actor, ports, unitOfWork } = fleet;
    const { id: runId } = await fleet.begin();
    const [claim] = await unitOfWork.clockwork.claimValidations(NOON, 1);
    if (claim === undefined) throw new Error('There was nothing to claim.');
    await new ValidateClaimed(ports, new FakeValidate()).execute(claim);
    const cancel = new CancelValidationRun(ports);

    const run = await cancel.execute({ organizationId, runId, actor });

    expect(run).toMatchObject({ id: runId, state: 'cancelled', endedAt: NOON });
    expect(await cancel.execute({ organizationId, runId, actor })).toEqual(run);
    expect(await fleet.progress(runId)).toMatchObject({ run, counts: { pass: 1, cancelled: 2 } });
    const told = unitOfWork.peek().audit.filter(({ action }) => action === 'validation_run.cancelled');
    expect(told).toMatchObject([{ details: { cancelled: 2 }, subject: { id: runId } }]);
  });

  it('refuses what is over, and what is not there', async () => {
    const fleet = await aFleet(1);
    const { organizationId, actor, ports, unitOfWork } = fleet;
    const { id: runId } = await fleet.begin();
    const [claim] = await unitOfWork.clockwork.claimValidations(NOON, 1);
    if (claim === undefined) throw new Error('There was nothing to claim.');
    await new ValidateClaimed(ports, new FakeValidate()).execute(claim);
    const cancel = new CancelValidationRun(ports);

    const over = cancel.execute({ organizationId, runId, actor });
    const nobodys = cancel.execute({ organizationId, runId: idOf('nobody'), actor });

    await expect(over).rejects.toMatchObject({ code: 'validation_run.over' });
    await expect(nobodys).rejects.toMatchObject({ code: 'validation_run.not_found' });
  });
});
