import type { AllStores } from '#core/access';
import { SECOND, sharedErrors, type OrganizationId } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { Unsure } from './unsure.js';

/** Accounts that are enabled by their rows, and a database that the test has refuse. */
const setUp = async (...technicians: readonly string[]) => {
  const world = await ConvergenceWorld.create();
  for (const technician of technicians) await world.grant({ technician });
  await world.tick();
  const state: { refusal: Error | null; asked: number } = { refusal: null, asked: 0 };
  const unitOfWork = {
    clockwork: world.unitOfWork.clockwork,
    inOrganization: <T>(id: OrganizationId, work: (stores: AllStores) => Promise<T>): Promise<T> => {
      state.asked += 1;
      return state.refusal === null
        ? world.unitOfWork.inOrganization(id, work)
        : Promise.reject(state.refusal);
    },
  };
  const unsure = new Unsure({ unitOfWork, clock: world.clock });
  const disabled = (name: string) => ({ ...world.customer, accountId: world.accountRow(name).id });
  const enabled = () => technicians.map((name) => world.accountRow(name).mayHold.enabled);
  return { world, state, unsure, disabled, enabled };
};

describe('Unsure', () => {
  it('has a row doubt that its account is enabled, once, and fall due', async () => {
    const { world, state, unsure, disabled, enabled } = await setUp('alice');

    await unsure.tell(disabled('alice'));

    expect(enabled()).toEqual(['maybe']);
    expect(world.accountRow('alice').dueAt).toBe(world.clock.now());
    await unsure.settle();
    expect(state.asked).toBe(1);
  });

  it('asks again and again for what somebody holds, and keeps nobody else waiting for it', async () => {
    const { world, unsure, disabled, enabled } = await setUp('held', 'alice');
    const { letGo } = world.unitOfWork.holdRow(disabled('held').accountId);
    for (const name of ['held', 'alice']) unsure.add(disabled(name));

    await unsure.settle();
    expect(enabled()).toEqual(['held', 'maybe']);

    letGo();
    await unsure.settle();
    expect(enabled()).toEqual(['maybe', 'maybe']);
  });

  it('goes no further while the database is away, and tries what fails by itself later each time', async () => {
    const { world, state, unsure, disabled, enabled } = await setUp('alice', 'bob');
    for (const name of ['alice', 'bob']) unsure.add(disabled(name));
    state.refusal = sharedErrors.refuse('database.unavailable');
    await unsure.settle();
    expect(state.asked).toBe(1);

    state.refusal = new TypeError('odd');
    for (let second = 0; second < 14; second += 1) {
      await unsure.settle();
      world.clock.advance(SECOND);
    }
    expect(state.asked).toBe(1 + 2 * 2);

    state.refusal = null;
    world.clock.advance(SECOND);
    await unsure.settle();
    expect(enabled()).toEqual(['maybe', 'maybe']);
  });
});
