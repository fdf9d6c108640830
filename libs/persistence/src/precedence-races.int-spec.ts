import { ChangeAccessPolicy, CreateAccessPolicy, type AccessPolicy } from '#core/access';
import { ExtendGrant, isLive, type Grant } from '#core/grants';
import { DomainError, idOf, MINUTE } from '#core/shared';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(120_000);

/** Each pair so many times, since who comes first is a matter of luck. */
const RUNS = 10;
const HALF = 1_800;

describe('A customer that gets an access policy of its own, by the name of one for all', () => {
  let ground: ProvingGround;
  let customer: GroundCustomer;

  beforeAll(async () => {
    ground = await ProvingGround.open();
    customer = await ground.customer('contoso');
  });
  afterAll(() => ground.close());

  const ports = () => {
    const { clock, queue, ids } = ground;
    return { unitOfWork: ground.database.unitOfWork, queue, clock, ids };
  };
  const by = () => ({ organizationId: ground.organizationId, actor: ground.actor });
  const create = (customerId: AccessPolicy['customerId'], terms: Partial<AccessPolicy>) => {
    const [first] = customer.policies;
    if (first === undefined) throw new Error('No policy.');
    return new CreateAccessPolicy(ports()).execute({
      ...by(),
      customerId,
      terms: { ...first, ...terms },
      idempotency: null,
    });
  };
  const change = ({ id: policyId, version, ...known }: AccessPolicy, terms: Partial<AccessPolicy>) =>
    new ChangeAccessPolicy(ports()).execute({
      ...by(),
      policyId,
      version,
      terms: { ...known, ...terms },
      state: terms.state ?? known.state,
    });
  const override = (name: string) =>
    create(customer.customerId, { name, defaultDurationSeconds: HALF, maximumDurationSeconds: HALF });

  /** What was done, or the code of the refusal. */
  const together = async <T>(...works: readonly Promise<T>[]): Promise<readonly (T | string)[]> => {
    const settled = await Promise.allSettled(works);
    return settled.map((each) => {
      if (each.status === 'fulfilled') return each.value;
      if (each.reason instanceof DomainError) return each.reason.code;
      throw each.reason;
    });
  };

  /** Nothing runs at a customer under one that its own stands in the place of. */
  const expectJudgedBy = async (own: AccessPolicy, grants: readonly Grant[]): Promise<void> => {
    const now = ground.clock.now();
    for (const { id } of grants) {
      const grant = await ground.grant(id);
      if (!isLive(grant, now)) continue;
      expect(grant.policyId).toBe(own.id);
      expect(grant.latestExpiresAt - grant.startsAt).toBeLessThanOrEqual(HALF * 1_000);
      expect(grant.expiresAt).toBeLessThanOrEqual(grant.latestExpiresAt);
    }
  };
  const order = <T>(run: number, ...works: readonly (() => Promise<T>)[]) =>
    together(...(run % 2 === 0 ? works : [...works].reverse()).map((work) => work()));
  const ran = <T>(answers: readonly (T | string)[]): readonly T[] =>
    answers.filter((each): each is T => typeof each !== 'string');

  it('judges whoever asked for that at the same moment, or refuses them', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const forAll = await create(null, { name: `Asked ${run}` });
      const answers = await order<Grant | AccessPolicy>(
        run,
        () => ground.request(customer, { policyId: forAll.id, durationSeconds: 60 * 60 }),
        () => override(`ASKED ${run}`),
        () => ground.request(customer, { policyId: forAll.id, durationSeconds: 60 * 60 }),
      );

      const own = ran(answers).find((each): each is AccessPolicy => 'maximumDurationSeconds' in each);
      if (own === undefined) throw new Error('The policy was not made.');
      await expectJudgedBy(
        own,
        ran(answers).filter((each): each is Grant => 'policyId' in each),
      );
      const refused = answers.filter((each) => typeof each === 'string');
      expect(refused.every((code) => code === 'access_policy.overridden')).toBe(true);
    }
  });

  it('judges what runs there, whatever is done to the one for all at the same moment', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const forAll = await create(null, { name: `Before ${run}` });
      const grant = await ground.request(customer, { policyId: forAll.id });
      const answers = await order(
        run,
        () => change(forAll, { name: `after ${run}` }),
        () => override(`After ${run}`),
      );

      const own = ran(answers).find(({ customerId }) => customerId !== null);
      if (own === undefined) throw new Error('The policy was not made.');
      await expectJudgedBy(own, [grant]);
      expect((await ground.grant(grant.id)).policyId).toBe(own.id);
    }
  });

  it('lets one judge where two of it are made at the same moment', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const forAll = await create(null, { name: `Twice ${run}` });
      const grant = await ground.request(customer, { policyId: forAll.id });
      const made = ran(await together(override(`twice ${run}`), override(`TWICE ${run}`)));

      expect(made).toHaveLength(2);
      const { policyId } = await ground.grant(grant.id);
      const own = made.find(({ id }) => id === policyId);
      if (own === undefined) throw new Error('Nobody judges it.');
      await expectJudgedBy(own, [grant]);
      expect((await ground.audit([grant.id])).filter(({ action }) => action === 'grant.moved')).toHaveLength(
        1,
      );
    }
  });

  it('has the last word on an extension at the same moment, while a worker looks', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const forAll = await create(null, { name: `Extended ${run}`, maximumDurationSeconds: 4 * HALF });
      const asked = await ground.request(customer, { policyId: forAll.id, durationSeconds: 20 * 60 });
      while ((await ground.worker().execute(customer)) > 0);
      const { id: grantId, expiresAt } = await ground.grant(asked.id);
      const extend = new ExtendGrant(ports());
      const answers = await order<unknown>(
        run,
        () => extend.execute({ ...by(), grantId, expiresAt: expiresAt + 90 * MINUTE }),
        () => override(`Extended ${run}`),
        () => ground.worker().execute(customer),
      );

      const refused = answers.filter((each) => typeof each === 'string');
      expect([[], ['grant.extension_too_long']]).toContainEqual(refused);
      const grant = await ground.grant(grantId);
      expect(grant.policyId).not.toBe(forAll.id);
      expect(grant.expiresAt - grant.startsAt).toBeLessThanOrEqual(HALF * 1_000);
    }
  });

  it('is not known to anybody else', async () => {
    const other = await ground.customer('fabrikam');
    const forAll = await create(null, { name: 'Elsewhere' });
    const grant = await ground.request(other, { policyId: forAll.id });
    await override('Elsewhere');

    expect((await ground.grant(grant.id)).policyId).toBe(forAll.id);
    expect(await together(ground.request(customer, { policyId: forAll.id }))).toEqual([
      'access_policy.overridden',
    ]);
    expect((await ground.request(other, { policyId: forAll.id })).policyId).toBe(idOf(forAll.id));
  });
});
