import type { DriftClaim } from '#core/shared';
import { RestoreGuard, type KeptMark, type MarkFile } from '#core/restoring';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(60_000);

let ground: ProvingGround;

beforeEach(async () => {
  ground = await ProvingGround.open();
});

afterEach(() => ground.close());

const ledger = () => ground.database.unitOfWork.clockwork.deployment;

const drawer = (): MarkFile & { kept: KeptMark } => ({
  kept: 'absent',
  read() {
    return Promise.resolve(this.kept);
  },
  write(mark) {
    this.kept = mark;
    return Promise.resolve(true);
  },
});

const guardWith = (marks: MarkFile): RestoreGuard =>
  new RestoreGuard({ unitOfWork: ground.database.unitOfWork, clock: ground.clock, marks });

/** As an older dump would bring it back: the audit log ends sooner. */
const goBack = (by: number): Promise<unknown> =>
  ground.asAdmin(async (client) => {
    await client.query("SET session_replication_role = 'replica'");
    await client.query('UPDATE audit_head SET sequence = sequence - $1', [by]);
    await client.query(
      'DELETE FROM audit_event e USING audit_head h WHERE e.organization_id = h.organization_id AND e.sequence > h.sequence',
    );
  });

const claimOf = async ({ customerId }: GroundCustomer): Promise<DriftClaim> => {
  const claims = await ground.database.unitOfWork.clockwork.claimDrift(ground.clock.now(), 50);
  const claim = claims.find((each) => each.customerId === customerId);
  if (claim === undefined) throw new Error('There was nothing to claim.');
  return claim;
};

describe('The row of the deployment', () => {
  it('knows a database that was brought back, refuses to give, and ends when every customer is compared', async () => {
    const one = await ground.customer('contoso');
    const two = await ground.customer('fabrikam');
    await ground.request(one);
    const marks = drawer();
    const guard = guardWith(marks);
    marks.kept = { mark: 0, generation: 0 };
    expect(await guard.look()).toMatchObject({ guarded: true, restoringSince: null });
    expect(marks.kept).toMatchObject({ mark: 2, generation: 0 });

    await goBack(1);
    const { restoringSince } = await guard.look();
    if (restoringSince === null) throw new Error('Nobody noticed.');

    expect(await ground.within(({ holds }) => holds.restoringSince())).toBe(restoringSince);
    await expect(ground.request(one)).rejects.toMatchObject({ code: 'deployment.restoring' });
    const claim = await claimOf(one);
    await ground.within(async ({ drift }) => {
      expect(await drift.rereadFor(one.customerId)).toBeNull();
      await drift.advance(claim, { tenantId: 't', cursor: 'c', toldAt: null, unkept: 0, unkeptAt: null });
      expect(await drift.beginAgain({ ...claim, epoch: claim.epoch - 1 }, restoringSince)).toBe(false);
      expect(await drift.beginAgain(claim, restoringSince)).toBe(true);
      expect(await drift.rereadFor(one.customerId)).toBe(restoringSince);
      expect(await drift.ofCustomer(one.customerId)).toMatchObject({ tenantId: 't', cursor: null });
      expect(await drift.closeRestoration(one.customerId, restoringSince)).toBe(true);
      expect(await drift.closeRestoration(one.customerId, restoringSince)).toBe(false);
    });
    expect((await guard.look()).finished).toBe(false);
    await ground.within(({ drift }) => drift.closeRestoration(two.customerId, restoringSince));
    expect(await guard.look()).toEqual({ guarded: true, restoringSince: null, finished: true });

    expect(await ground.within(({ holds }) => holds.restoringSince())).toBeNull();
    expect(await ledger().read()).toMatchObject({ restoringSince: null, generation: 1, mark: 1 });
    await guard.look();
    expect(marks.kept).toEqual({ mark: 1, generation: 1 });
    await ground.request(one);
  });

  it('is begun by one of those who notice, and again only for a higher mark', async () => {
    const found = { mark: 5, generation: 0 };
    const seen = { mark: 9, generation: 0 };
    const at = ground.clock.now();
    await ledger().begin({ at, found, seen });
    await ledger().begin({ at: at + 1_000, found, seen });
    await ledger().begin({ at: at + 1_000, found, seen: null });
    expect((await ledger().read()).restoringSince).toBe(at);

    await ledger().begin({ at: at + 2_000, found, seen: { mark: 10, generation: 0 } });
    expect((await ledger().read()).restoringSince).toBe(at + 2_000);
    expect(await ledger().finish(at, at + 3_000)).toBe(false);
    expect(await ledger().finish(at + 2_000, at + 3_000)).toBe(true);
    await ledger().begin({ at: at + 4_000, found, seen });
    expect(await ledger().read()).toMatchObject({ restoringSince: null, generation: 1 });
  });

  it('raises the generation above that of a file from a later life', async () => {
    await ledger().begin({
      at: ground.clock.now(),
      found: { mark: 0, generation: 0 },
      seen: { mark: 3, generation: 7 },
    });
    const { restoringSince } = await ledger().read();
    await ledger().finish(restoringSince ?? 0, ground.clock.now());
    expect((await ledger().read()).generation).toBe(8);
  });
});
