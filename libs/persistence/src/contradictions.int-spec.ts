import { CancelAccessRequest, ChangeAccessPolicy } from '#core/access';
import { EndGrant, ExtendGrant, LiftHold, PullKillSwitch, type Grant, type Hold } from '#core/grants';
import { DomainError, HOUR, idOf, MINUTE, type HoldId } from '#core/shared';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(120_000);

/** Each pair of commands so many times, since who comes first is a matter of luck. */
const RUNS = 8;

describe('Commands that come twice, or contradict each other, at the same moment', () => {
  let ground: ProvingGround;
  let customer: GroundCustomer;

  beforeAll(async () => {
    ground = await ProvingGround.open();
    customer = await ground.customer('contoso', RUNS);
  });
  afterAll(() => ground.close());

  const ports = () => {
    const { clock, queue } = ground;
    return { unitOfWork: ground.database.unitOfWork, queue, clock };
  };
  const end = ({ id }: Grant, reason: 'ended_by_technician' | 'ended_by_admin' = 'ended_by_technician') => {
    const { organizationId, actor } = ground;
    return new EndGrant(ports()).execute({ organizationId, grantId: id, reason, actor });
  };
  const extend = ({ id, expiresAt }: Grant, byMs: number) => {
    const { organizationId, actor } = ground;
    const later = expiresAt + byMs;
    return new ExtendGrant(ports()).execute({ organizationId, grantId: id, expiresAt: later, actor });
  };
  const archive = (index: number) => {
    const policy = customer.policies[index];
    if (policy === undefined) throw new Error('No such policy.');
    const { id: policyId, version, ...terms } = policy;
    const { organizationId, actor } = ground;
    const state = 'archived' as const;
    return new ChangeAccessPolicy(ports()).execute({
      organizationId,
      policyId,
      version,
      terms,
      state,
      actor,
    });
  };
  const cancel = ({ requestId }: Grant) => {
    const { organizationId, actor } = ground;
    const reason = 'ended_by_technician' as const;
    return new CancelAccessRequest(ports()).execute({ organizationId, requestId, reason, actor });
  };

  const pull = ({ technicianId }: Grant): Promise<Hold> => {
    const { organizationId, actor, ids } = ground;
    return new PullKillSwitch({ ...ports(), ids }).execute({
      organizationId,
      scope: { kind: 'technician', technicianId },
      reason: 'a laptop was stolen',
      actor,
      idempotency: null,
    });
  };
  const lift = (holdId: HoldId) => {
    const { organizationId, actor } = ground;
    return new LiftHold(ports()).execute({ organizationId, holdId, actor });
  };
  const standing = (grant: Grant): Promise<readonly Hold[]> =>
    ground.within(async ({ holds }) =>
      (await holds.standing()).filter(
        ({ scope }) => scope.kind === 'technician' && scope.technicianId === grant.technicianId,
      ),
    );

  /** Codes of the refusals, or `done`. */
  const together = async (...commands: readonly Promise<unknown>[]): Promise<readonly string[]> => {
    const settled = await Promise.allSettled(commands);
    return settled.map((each) => {
      if (each.status === 'fulfilled') return 'done';
      if (each.reason instanceof DomainError) return each.reason.code;
      throw each.reason;
    });
  };

  const finish = async (): Promise<void> => {
    while ((await ground.worker().execute(customer)) > 0);
  };
  /** What the audit log says of a grant, without what its start says. */
  const told = async ({ id }: Grant): Promise<readonly string[]> =>
    (await ground.audit([id]))
      .map(({ action }) => action)
      .filter((action) => !['grant.scheduled', 'grant.starting', 'grant.activated'].includes(action));
  const running = async (wish: Parameters<ProvingGround['request']>[1] = {}): Promise<Grant> => {
    const grant = await ground.request(customer, wish);
    await finish();
    return ground.grant(grant.id);
  };
  const enabled = async (grant: Grant) => (await ground.user(customer, grant))?.enabled;

  it('end a grant once, whoever of two it is', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const answers = await together(end(grant), end(grant, 'ended_by_admin'), end(grant));
      await finish();

      expect([...answers].sort()).toEqual(['done', 'grant.already_ended', 'grant.already_ended']);
      expect(await told(grant)).toEqual(['grant.end_requested', 'grant.taken_away']);
      expect(await enabled(grant)).toBe(false);
    }
  });

  it('end a grant that is being extended: it ends in any case', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const [ended, extended] = await together(end(grant), extend(grant, MINUTE));
      await finish();

      expect(ended).toBe('done');
      expect(['done', 'grant.already_ended']).toContain(extended);
      const first = extended === 'done' ? ['grant.extended'] : [];
      expect(await told(grant)).toEqual([...first, 'grant.end_requested', 'grant.taken_away']);
      expect(await enabled(grant)).toBe(false);
    }
  });

  it('extend a grant to the same end once', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const answers = await together(extend(grant, MINUTE), extend(grant, MINUTE));

      expect([...answers].sort()).toEqual(['done', 'grant.extension_not_later']);
      expect(await told(grant)).toEqual(['grant.extended']);
      expect((await ground.grant(grant.id)).expiresAt).toBe(grant.expiresAt + MINUTE);
      await end(grant);
      await finish();
    }
  });

  it('extend a grant to two ends: the later one stands, and nothing was audited that did not happen', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const [short, long] = await together(extend(grant, MINUTE), extend(grant, 2 * MINUTE));

      expect(long).toBe('done');
      expect(['done', 'grant.extension_not_later']).toContain(short);
      expect(await told(grant)).toHaveLength(short === 'done' ? 2 : 1);
      expect((await ground.grant(grant.id)).expiresAt).toBe(grant.expiresAt + 2 * MINUTE);
      await end(grant);
      await finish();
    }
  });

  it('end, extend and kill a grant, while a worker looks: it ends once, whoever was first, and lifting revives nothing', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const work = () => ground.worker().execute(customer);
      const commands = [() => end(grant), () => extend(grant, MINUTE), () => pull(grant), work];
      const turned = [...commands.slice(run % 4), ...commands.slice(0, run % 4)];
      const answers = await together(...turned.map((command) => command()));
      const answer = (index: number) => answers[(index + 4 - (run % 4)) % 4];
      await finish();

      const [ended, extended, pulled] = [answer(0), answer(1), answer(2)];
      expect(pulled).toBe('done');
      expect(['done', 'grant.already_ended']).toContain(ended);
      expect(['done', 'grant.already_ended', 'access.held']).toContain(extended);
      const { endReason, takenAt } = await ground.grant(grant.id);
      expect([endReason, takenAt === null]).toEqual([
        ended === 'done' ? 'ended_by_technician' : 'killed',
        false,
      ]);
      const first = extended === 'done' ? ['grant.extended'] : [];
      expect(await told(grant)).toEqual([...first, 'grant.end_requested', 'grant.taken_away']);
      expect(await enabled(grant)).toBe(false);

      for (const { id } of await standing(grant)) await lift(id);
      await finish();
      expect(await enabled(grant)).toBe(false);
    }
  });

  it('pull the same kill switch: one hold stands, told once, and each answers it', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const pulls = await Promise.all(Array.from({ length: 6 }, () => pull(grant)));
      const [hold] = await standing(grant);

      expect(await standing(grant)).toHaveLength(1);
      expect(new Set(pulls.map(({ id }) => id))).toEqual(new Set([hold?.id]));
      const ids = pulls.map(({ id }) => idOf<'grant'>(id));
      expect((await ground.audit(ids)).map(({ action }) => action)).toEqual(['hold.placed']);
      await finish();
      expect(await enabled(grant)).toBe(false);
    }
  });

  it('lift a kill switch that is pulled again: it stands or not, and what it ended stays ended', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await running();
      const { id } = await pull(grant);
      const [lifted, pulled] = await together(
        ...(run % 2 === 0 ? [lift(id), pull(grant)] : [pull(grant), lift(id)]),
      );
      await finish();

      expect([lifted, pulled]).toEqual(['done', 'done']);
      expect((await standing(grant)).filter((hold) => hold.id === id)).toEqual([]);
      expect(await ground.grant(grant.id)).toMatchObject({ endReason: 'killed' });
      expect(await enabled(grant)).toBe(false);
    }
  });

  it('end a grant whose policy is archived: once, for one of both reasons', async () => {
    for (let run = 0; run < RUNS; run += 1) {
      const policyId = customer.policies[run]?.id;
      const grant = await running(policyId === undefined ? {} : { policyId });
      const answers = await together(end(grant), archive(run), ground.worker().execute(customer));
      await finish();

      expect(answers[1]).toBe('done');
      expect(['done', 'grant.already_ended']).toContain(answers[0]);
      const { endReason } = await ground.grant(grant.id);
      expect(endReason).toBe(answers[0] === 'done' ? 'ended_by_technician' : 'policy_removed');
      expect(await told(grant)).toEqual(['grant.end_requested', 'grant.taken_away']);
      expect(await enabled(grant)).toBe(false);
    }
  });

  it('cancel a request whose grant begins: it never begins, or it is refused and runs', async () => {
    const other = await ground.customer('fabrikam');
    for (let run = 0; run < RUNS; run += 1) {
      const grant = await ground.request(other, { startsAt: ground.clock.now() + HOUR });
      ground.clock.forwardTo(grant.startsAt - Math.round(Math.random() * 10));
      const [cancelled] = await together(cancel(grant), ground.worker().execute(other));
      while ((await ground.worker().execute(other)) > 0);
      ground.clock.forwardTo(grant.startsAt + MINUTE);
      while ((await ground.worker().execute(other)) > 0);

      const { state } = await ground.grant(grant.id);
      const user = await ground.user(other, grant);
      if (cancelled === 'done') {
        expect(['ending', 'ended']).toContain(state);
        expect(user).toBeNull();
        expect((await told(grant))[0]).toBe('grant.end_requested');
      } else {
        expect([cancelled, state, user?.enabled]).toEqual(['access_request.not_cancellable', 'active', true]);
        expect(await told(grant)).toEqual([]);
      }
    }
  });
});
