import { CancelAccessRequest } from './cancel-access-request.js';
import { EndGrant, MOST_OPEN_GRANTS, PullKillSwitch } from '#core/grants';
import { HOUR, idOf } from '#core/shared';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  NOON,
} from '#core/testing';
import { RequestAccess, type RequestAccessCommand } from './request-access.js';

/** A technician who may ask for an hour of something at one customer, again and again. */
const setUp = async () => {
  const ids = new FakeIds();
  const [clock, queue, box] = [new FakeClock(NOON), new FakeJobQueue(), new FakeSecretBox()];
  const unitOfWork = new InMemoryUnitOfWork();
  const world = aWorld(ids);
  const { organization, technician, customer, connection, policy } = world;
  await unitOfWork.inOrganization(organization.id, async (stores) => {
    await stores.organizations.insert(organization);
    await stores.technicians.insert(technician);
    await stores.customers.insert(customer);
    await stores.connections.save(connection, null);
    await stores.policies.insert(policy);
  });
  const actor = { kind: 'technician', id: technician.id, tokenId: null } as const;
  const ports = { unitOfWork, queue, clock, ids, box };
  const organizationId = organization.id;
  /** The number of the hour from now on. */
  const ask = (hour: number, wish: Partial<RequestAccessCommand> = {}) =>
    new RequestAccess(ports).execute({
      organizationId,
      technicianId: technician.id,
      customerId: customer.id,
      policyId: policy.id,
      durationSeconds: 3_600,
      startsAt: NOON + hour * HOUR,
      reason: 'a mailbox is stuck',
      ticket: null,
      actor,
      idempotency: null,
      ...wish,
    });
  const fill = async () => {
    const asked = [];
    for (let hour = 0; hour < MOST_OPEN_GRANTS; hour += 1) asked.push(await ask(hour));
    return asked;
  };
  return { ...world, actor, ports, unitOfWork, queue, organizationId, ask, fill };
};

const FULL = {
  code: 'access_request.too_many_open',
  kind: 'conflict',
  details: { maximum: MOST_OPEN_GRANTS },
};

describe('RequestAccess on an account with as many open grants as may be', () => {
  it('refuses one more and leaves nothing behind', async () => {
    const { ask, fill, unitOfWork, queue } = await setUp();
    await fill();
    const before = structuredClone(unitOfWork.peek());
    const rung = queue.rung.length;

    await expect(ask(MOST_OPEN_GRANTS)).rejects.toMatchObject(FULL);

    expect(unitOfWork.peek()).toEqual(before);
    expect(queue.rung).toHaveLength(rung);
  });

  it('lets in as many as there is room for of thirty who ask at the same moment', async () => {
    const { ask, unitOfWork } = await setUp();

    const asked = await Promise.allSettled(Array.from({ length: 30 }, (_, hour) => ask(hour)));

    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(MOST_OPEN_GRANTS);
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    for (const reason of refused) expect(reason).toMatchObject(FULL);
    expect(unitOfWork.peek().grants).toHaveLength(MOST_OPEN_GRANTS);
  });

  it('answers a request that is sent again as before, and one that was refused as soon as there is room', async () => {
    const { ask, fill, ports, organizationId, actor, unitOfWork } = await setUp();
    const keyOf = (key: string) => ({ idempotency: { key, actorId: actor.id, bodyDigest: key } });
    const first = await ask(100, keyOf('first'));
    for (let hour = 1; hour < MOST_OPEN_GRANTS; hour += 1) await ask(hour);

    await expect(ask(200, keyOf('second'))).rejects.toMatchObject(FULL);
    expect(await ask(100, keyOf('first'))).toEqual(first);
    await expect(fill()).rejects.toMatchObject(FULL);

    const { requests } = unitOfWork.peek();
    const cancel = { organizationId, requestId: requests[3]?.id ?? idOf(''), actor };
    await new CancelAccessRequest(ports).execute({ ...cancel, reason: 'ended_by_technician' });
    await close(unitOfWork, organizationId);
    expect(await ask(200, keyOf('second'))).toMatchObject({ state: 'approved' });
  });

  it('says rather that the same was given already', async () => {
    const { ask, fill } = await setUp();
    const [first] = await fill();

    await expect(ask(0)).rejects.toMatchObject({
      code: 'access_request.duplicate',
      details: { grantId: first?.grantId },
    });
  });

  it('hinders nobody from ending, nor from pulling the kill switch', async () => {
    const { fill, ports, organizationId, actor, unitOfWork } = await setUp();
    const [first] = await fill();

    await new EndGrant(ports).execute({
      organizationId,
      grantId: first?.grantId ?? idOf(''),
      reason: 'ended_by_technician',
      actor,
    });
    await new PullKillSwitch(ports).execute({
      organizationId,
      scope: { kind: 'organization' },
      reason: 'a laptop was stolen',
      actor,
      idempotency: null,
    });

    const { id } = unitOfWork.peek().accounts[0] ?? { id: idOf<'account'>('') };
    const open = await unitOfWork.inOrganization(organizationId, ({ grants }) => grants.openOf([id]));
    expect(open.map(({ bar }) => bar)).toEqual(Array.from({ length: MOST_OPEN_GRANTS }, () => 'killed'));
  });
});

/** Whatever is being ended is proven to be over. */
const close = async (
  unitOfWork: InMemoryUnitOfWork,
  organizationId: RequestAccessCommand['organizationId'],
) => {
  for (const grant of unitOfWork.peek().grants.filter(({ state }) => state === 'ending')) {
    const proof = {
      readAt: NOON,
      graphAt: NOON,
      enabled: false,
      objectFound: true,
      roles: [],
      groups: [],
      methods: [],
    };
    const ended = { ...grant, state: 'ended' as const, takenAt: NOON, endedAt: NOON, proofs: [proof] };
    await unitOfWork.inOrganization(organizationId, ({ grants }) => grants.save(ended));
  }
};
