import { idOf, MINUTE } from '#core/shared';
import { aWorld, FakeClock, FakeIds, FakeJobQueue, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import { CancelAccessRequest } from './cancel-access-request.js';

/** A request whose grant begins in ten minutes. */
const setUp = async () => {
  const [clock, queue, unitOfWork] = [new FakeClock(NOON), new FakeJobQueue(), new InMemoryUnitOfWork()];
  const world = aWorld(new FakeIds());
  const grant = {
    ...world.grant,
    state: 'scheduled' as const,
    startsAt: NOON + 10 * MINUTE,
    endReason: null,
    failure: null,
    activeAt: null,
    endingAt: null,
    takenAt: null,
    endedAt: null,
    proofs: [],
  };
  await plant(unitOfWork, { ...world, grant });
  const useCase = new CancelAccessRequest({ unitOfWork, queue, clock });
  const cancel = (requestId = world.request.id) =>
    useCase.execute({
      organizationId: world.organization.id,
      requestId,
      reason: 'ended_by_technician',
      actor: { kind: 'technician', id: world.technician.id, tokenId: null },
    });
  return { ...world, clock, queue, unitOfWork, cancel };
};

describe('CancelAccessRequest', () => {
  it('ends a grant that has not begun, and says so', async () => {
    const { cancel, unitOfWork, queue } = await setUp();

    const request = await cancel();

    const { requests, grants, accounts, audit } = unitOfWork.peek();
    expect(request.state).toBe('cancelled');
    expect(requests).toMatchObject([{ state: 'cancelled' }]);
    expect(grants).toMatchObject([{ state: 'ending', endReason: 'ended_by_technician', endingAt: NOON }]);
    expect(accounts[0]?.dueAt).toBe(NOON);
    expect(audit.map(({ action }) => action).slice(-2)).toEqual([
      'grant.end_requested',
      'access_request.cancelled',
    ]);
    expect(queue.rung).toHaveLength(1);
  });

  it('refuses from the instant on at which the grant begins', async () => {
    const { cancel, clock, unitOfWork } = await setUp();
    clock.advance(10 * MINUTE);

    await expect(cancel()).rejects.toMatchObject({ code: 'access_request.not_cancellable' });
    expect(unitOfWork.peek().grants[0]?.state).toBe('scheduled');
  });

  it('refuses the second time', async () => {
    const { cancel } = await setUp();
    await cancel();

    await expect(cancel()).rejects.toMatchObject({ code: 'access_request.not_cancellable' });
  });

  it('knows no other request', async () => {
    const { cancel } = await setUp();

    await expect(cancel(idOf('0190a000-0000-7000-8000-0000000000aa'))).rejects.toMatchObject({
      code: 'access_request.not_found',
    });
  });
});
