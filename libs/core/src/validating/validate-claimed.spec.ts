import { accessErrors } from '#core/access';
import { sharedErrors, VALIDATION_CLAIM_MS, type ValidationClaim } from '#core/shared';
import { NOON } from '#core/testing';
import { ValidateClaimed } from './validate-claimed.js';
import { aFleet, FakeValidate } from '../testing/validation-run.samples.js';

const setUp = async (count: number) => {
  const fleet = await aFleet(count);
  const validate = new FakeValidate();
  const run = await fleet.begin();
  const claim = async (now = NOON): Promise<ValidationClaim> => {
    const [claimed] = await fleet.unitOfWork.clockwork.claimValidations(now, 1);
    if (claimed === undefined) throw new Error('There was nothing to claim.');
    return claimed;
  };
  const execute = (claimed: ValidationClaim) => new ValidateClaimed(fleet.ports, validate).execute(claimed);
  return {
    ...fleet,
    run,
    validate,
    claim,
    execute,
    counts: async () => (await fleet.progress(run.id)).counts,
  };
};

describe('ValidateClaimed', () => {
  it('validates for whoever began the run, writes each verdict, and ends the run with the last', async () => {
    const { claim, execute, counts, validate, progress, run, actor, customerIds } = await setUp(2);
    const [one] = customerIds;
    if (one !== undefined) validate.at(one, () => Promise.resolve('fail'));

    await execute(await claim());
    expect((await progress(run.id)).run.state).toBe('running');
    await execute(await claim());

    expect(await counts()).toMatchObject({ pass: 1, fail: 1, waiting: 0, running: 0 });
    expect((await progress(run.id)).run).toMatchObject({ state: 'done', endedAt: NOON });
    expect(validate.actors).toEqual([actor, actor]);
  });

  it('tells why a customer could not be validated, by code, sentence and mend', async () => {
    const { claim, execute, validate, customerIds, unitOfWork, organizationId, run } = await setUp(1);
    const refusal = accessErrors.refuse('customer.not_connected');
    for (const id of customerIds) validate.at(id, () => Promise.reject(refusal));

    await execute(await claim());

    const [line] = await unitOfWork.inOrganization(organizationId, ({ validationRuns }) =>
      validationRuns.lines(run.id, { after: null, limit: 9 }, NOON),
    );
    const { code, message, remedy } = refusal;
    expect(line).toMatchObject({ state: 'could_not', why: { code, says: message, mend: remedy } });
  });

  it.each([sharedErrors.refuse('database.unavailable'), new Error('a bug')])(
    'throws %s, which says nothing of the customer, and leaves it to the next try',
    async (error) => {
      const { claim, execute, validate, customerIds, counts } = await setUp(1);
      for (const id of customerIds) validate.at(id, () => Promise.reject(error));

      await expect(execute(await claim())).rejects.toBe(error);

      expect(await counts()).toMatchObject({ running: 1 });
      expect(await claim(NOON + VALIDATION_CLAIM_MS)).toMatchObject({ epoch: 2 });
    },
  );

  it('gives up what three workers have died of, without another try', async () => {
    const { claim, execute, validate, counts, clock } = await setUp(1);
    for (let tries = 0; tries < 3; tries += 1) {
      await claim(clock.now());
      clock.advance(VALIDATION_CLAIM_MS);
    }

    await execute(await claim(clock.now()));

    expect(validate.asked).toEqual([]);
    expect(await counts()).toMatchObject({ could_not: 1 });
  });

  it('writes nothing for a claim that is somebody else’s by now', async () => {
    const { claim, execute, counts, clock } = await setUp(1);
    const late = await claim();
    clock.advance(VALIDATION_CLAIM_MS);
    const other = await claim(clock.now());

    await execute(late);
    expect(await counts()).toMatchObject({ running: 1 });
    await execute(other);

    expect(await counts()).toMatchObject({ pass: 1 });
  });

  it('asks nobody in a run that was cancelled, and writes nothing that came too late for it', async () => {
    const { claim, execute, validate, unitOfWork, organizationId, run, counts, customerIds } = await setUp(2);
    const cancel = () =>
      unitOfWork.inOrganization(organizationId, ({ validationRuns }) =>
        validationRuns.close(run.id, 'cancelled', NOON),
      );
    const [first, second] = [await claim(), await claim()];
    validate.at(first.customerId, async () => {
      await cancel();
      return 'pass';
    });

    await execute(first);
    await execute(second);

    expect(validate.asked).toEqual([first.customerId]);
    expect(await counts()).toMatchObject({ cancelled: customerIds.length });
  });
});
