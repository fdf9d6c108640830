import { CancelAccessRequest, RequestAccess, type AccessRequest } from '#core/access';
import { EndGrant, MOST_OPEN_GRANTS } from '#core/grants';
import { DomainError, HOUR, idOf, type Instant } from '#core/shared';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(120_000);

const RACERS = 30;

describe('Many who ask for the same account at the same moment', () => {
  let ground: ProvingGround;
  let customer: GroundCustomer;

  beforeAll(async () => {
    ground = await ProvingGround.open();
  });
  beforeEach(async () => {
    customer = await ground.customer(`customer-${ground.ids.uuid()}`);
  });
  afterAll(() => ground.close());

  const ports = () => {
    const { box, clock, database, ids, queue } = ground;
    return { unitOfWork: database.unitOfWork, queue, clock, ids, box };
  };
  /** Thirty transactions wait for each other: on a slow machine one finds no free connection, and asks again. */
  const ask = async (startsAt: Instant, key: string | null = null): Promise<AccessRequest> => {
    try {
      return await askOnce(startsAt, key);
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'database.unavailable')) throw error;
      return ask(startsAt, key);
    }
  };
  const askOnce = (startsAt: Instant, key: string | null) =>
    new RequestAccess(ports()).execute({
      organizationId: ground.organizationId,
      technicianId: ground.people.technician.id,
      customerId: customer.customerId,
      policyId: customer.policies[0]?.id ?? idOf(''),
      durationSeconds: 3_600,
      startsAt,
      reason: null,
      ticket: null,
      actor: ground.actor,
      idempotency: key === null ? null : { key, actorId: ground.actor.id, bodyDigest: key },
    });
  /** Codes of the refusals, or `done`. */
  const together = async (commands: readonly Promise<unknown>[]): Promise<readonly string[]> =>
    (await Promise.allSettled(commands)).map((each) => {
      if (each.status === 'fulfilled') return 'done';
      if (each.reason instanceof DomainError) return each.reason.code;
      throw each.reason;
    });
  const count = (answers: readonly string[], code: string): number =>
    answers.filter((answer) => answer === code).length;
  const granted = () =>
    ground.within(({ grants }) =>
      grants.list({ customerId: customer.customerId, after: null, limit: RACERS + 1 }),
    );
  const hours = (from: number, many: number): readonly Instant[] => {
    const begin = ground.clock.now() + HOUR;
    return Array.from({ length: many }, (_, index) => begin + (from + index) * HOUR);
  };

  it('get as many grants as there is room for, the first of all included', async () => {
    const answers = await together(hours(0, RACERS).map((at) => ask(at)));

    expect([...answers].sort()).toEqual([
      ...Array.from({ length: RACERS - MOST_OPEN_GRANTS }, () => 'access_request.too_many_open'),
      ...Array.from({ length: MOST_OPEN_GRANTS }, () => 'done'),
    ]);
    expect(await granted()).toHaveLength(MOST_OPEN_GRANTS);
  });

  it('at the limit get one grant by one key, however often it is sent', async () => {
    for (const at of hours(0, MOST_OPEN_GRANTS - 1)) await ask(at);
    const [last, beyond] = hours(MOST_OPEN_GRANTS, 2);

    const sent = Array.from({ length: 10 }, () => ask(last ?? 0, 'one key'));
    const other = Array.from({ length: 10 }, () => ask(beyond ?? 0, 'another'));
    const [first, second] = [await together(sent), await together(other)];

    expect([count(first, 'done'), count(second, 'done')]).toEqual([10, 0]);
    expect(count(second, 'access_request.too_many_open')).toBe(10);
    expect(await granted()).toHaveLength(MOST_OPEN_GRANTS);
  });

  it('hinder no end: what is ended or cancelled beside them is ended', async () => {
    const requests = [];
    for (const at of hours(0, MOST_OPEN_GRANTS)) requests.push(await ask(at));
    const { organizationId, actor } = ground;
    const reason = 'ended_by_technician' as const;
    const [one, two] = requests;

    const [ended, cancelled, ...refused] = await together([
      new EndGrant(ports()).execute({ organizationId, grantId: one?.grantId ?? idOf(''), reason, actor }),
      new CancelAccessRequest(ports()).execute({
        organizationId,
        requestId: two?.id ?? idOf(''),
        reason,
        actor,
      }),
      ...hours(MOST_OPEN_GRANTS, 10).map((at) => ask(at)),
    ]);

    expect([ended, cancelled]).toEqual(['done', 'done']);
    expect(new Set(refused)).toEqual(new Set(['access_request.too_many_open']));
  });
});
