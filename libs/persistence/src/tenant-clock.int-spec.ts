import type pg from 'pg';
import { Converge } from '#core/convergence';
import { MINUTE, type AccountId, type Claim, type Instant } from '#core/shared';
import type { TenantClock } from '#core/tenancy';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(60_000);

const AHEAD_MS = 5 * MINUTE;

let ground: ProvingGround;
let customer: GroundCustomer;
beforeEach(async () => {
  ground = await ProvingGround.open();
  customer = await ground.customer('contoso');
});
afterEach(() => ground.close());

/** Until somebody in this database waits for somebody else's lock. */
const somebodyWaits = async (client: pg.Client): Promise<void> => {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if ((rowCount ?? 0) > 0) return;
    if (performance.now() > deadline) throw new Error('Nobody came to wait.');
  }
};

/** From now on Graph's clock is so far ahead. */
const tellsAhead = (aheadMs: number): void => {
  const perform = ground.directory.perform.bind(ground.directory);
  ground.directory.perform = async (...asked) =>
    (await perform(...asked)).map((each) => ({ ...each, at: (each.at ?? ground.clock.now()) + aheadMs }));
};

const noted = () => ground.within(({ customers }) => customers.clock(customer.customerId));

const clockNoted = (aheadMs: number, leadMs: number, measuredAt: Instant): TenantClock => ({
  aheadMs,
  leadMs,
  measuredAt,
});

describe("a tenant's clock", () => {
  it('is noted by one round after the other, and waited for by none: what one has confirmed is what the next one goes on from', async () => {
    const { customerId } = customer;
    const confirmed = clockNoted(AHEAD_MS, AHEAD_MS, ground.clock.now());
    const lock = () => ground.within((stores) => stores.customers.lockClock(customerId, ground.clock.now()));

    await ground.within(async ({ customers }) => {
      expect(await customers.lockClock(customerId, ground.clock.now())).toMatchObject({ leadMs: 0 });
      await customers.noteClock(customerId, confirmed);
    });
    await ground.within(async ({ customers }) => {
      expect(await customers.lockClock(customerId, ground.clock.now())).toEqual(confirmed);
      expect(await lock()).toBeNull();
    });

    expect(await lock()).toEqual(confirmed);
  });

  it('ends what it makes end sooner, though a round had begun before that was noted', async () => {
    const grant = await ground.request(customer);
    await ground.worker().execute(customer);
    const { customerId } = customer;
    const claim = await ground.database.unitOfWork.clockwork.claimAccount(
      customer,
      grant.accountId,
      ground.clock.now(),
    );
    if (claim === null) throw new Error('Nobody else can have claimed it.');
    let worked: Promise<unknown> = Promise.resolve();

    await ground.asAdmin((admin) =>
      ground.within(async ({ customers, accounts }) => {
        const now = ground.clock.now();
        await customers.lockClock(customerId, now);
        const leadMs = grant.expiresAt - now;
        await customers.noteClock(customerId, clockNoted(leadMs, leadMs, now));
        await accounts.endAll({ kind: 'customer', customerId }, now);
        worked = new Converge(ground.ports).execute([claim]);
        await somebodyWaits(admin);
      }),
    );
    await worked;

    expect((await ground.user(customer, grant))?.enabled).toBe(false);
  });

  it('counts at once for all whose row nobody holds, and for that one once it is let go', async () => {
    const grants = [await ground.request(customer), await ground.request(customer)];
    await ground.worker().execute(customer);
    const [held, other] = grants.map(({ accountId }) => accountId);
    if (held === undefined || other === undefined) throw new Error('Two were made.');
    tellsAhead(24 * 60 * MINUTE);
    const converge = async (): Promise<void> => {
      const { clockwork } = ground.database.unitOfWork;
      const claim = await clockwork.claimAccount(customer, other, ground.clock.now());
      if (claim !== null) await new Converge(ground.ports).execute([claim], { look: true });
    };

    await ground.asAdmin(async (holder) => {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM managed_account WHERE id = $1 FOR UPDATE', [held]);
      await converge();
      await holder.query('ROLLBACK');
    });
    expect(await noted()).toMatchObject({ unreached: [held] });
    expect((await ground.user(customer, { accountId: other }))?.enabled).toBe(false);

    await converge();
    expect(await noted()).not.toHaveProperty('unreached');
    await ground.worker().execute(customer);
    expect((await ground.user(customer, { accountId: held }))?.enabled).toBe(false);
  });

  it('spoils no round though somebody holds an account of its customer for long, one that it works on or another', async () => {
    const grants = [
      await ground.request(customer),
      await ground.request(customer),
      await ground.request(customer),
    ];
    await ground.worker().execute(customer);
    const [held, ...others] = grants.map(({ accountId }) => accountId);
    const [first, second] = others;
    if (held === undefined || first === undefined || second === undefined)
      throw new Error('Three were made.');
    tellsAhead(24 * 60 * MINUTE);
    const claim = async (id: AccountId): Promise<Claim> => {
      const { clockwork } = ground.database.unitOfWork;
      const claimed = await clockwork.claimAccount(customer, id, ground.clock.now());
      if (claimed === null) throw new Error('Nobody else can have claimed it.');
      return claimed;
    };
    const look = { look: true } as const;
    const work = (claimed: Claim) => new Converge(ground.ports).execute([claimed], look);
    const claims = [await claim(first), await claim(second)];
    const ofHeld = await claim(held);

    await ground.asAdmin(async (holder) => {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM managed_account WHERE id = $1 FOR UPDATE', [held]);
      const startedAt = Date.now();
      const refused = work(ofHeld).catch((error: unknown) => error);
      await Promise.all(claims.map(work));
      expect(Date.now() - startedAt).toBeLessThan(4_000);
      expect(await refused).toMatchObject({ code: 'database.locked' });
      expect((await noted())?.unreached).toEqual([held]);
      await holder.query('ROLLBACK');
    });

    for (const accountId of others) expect((await ground.user(customer, { accountId }))?.enabled).toBe(false);
  });

  it('spoils no round though somebody holds what is known of it', async () => {
    const grant = await ground.request(customer);
    await ground.worker().execute(customer);
    const { customerId } = customer;
    await ground.within(async ({ customers, accounts }) => {
      await customers.noteClock(customerId, clockNoted(AHEAD_MS, 0, ground.clock.now()));
      await accounts.endAll({ kind: 'customer', customerId }, ground.clock.now());
    });
    tellsAhead(AHEAD_MS);

    await ground.asAdmin(async (holder) => {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM tenant_clock FOR UPDATE');
      expect(await ground.worker().execute(customer)).toBe(1);
      await holder.query('ROLLBACK');
    });
    expect((await noted())?.leadMs).toBe(0);

    // Nobody knows of the answer that could not be noted: it is asked for again.
    ground.clock.forwardTo(ground.clock.now() + 15_000);
    expect(await ground.worker().execute(customer)).toBe(1);
    expect((await noted())?.leadMs).toBeGreaterThan(AHEAD_MS - MINUTE);
    expect((await ground.grant(grant.id)).state).toBe('active');
  });
});
