import type pg from 'pg';
import { Converge } from '#core/convergence';
import { MINUTE, type Instant } from '#core/shared';
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

const clockNoted = (aheadMs: number, leadMs: number, measuredAt: Instant): TenantClock => ({
  aheadMs,
  leadMs,
  measuredAt,
});

describe("a tenant's clock", () => {
  it('is noted by one round after the other: what one has confirmed is what the next one goes on from', async () => {
    const { customerId } = customer;
    const confirmed = clockNoted(AHEAD_MS, AHEAD_MS, ground.clock.now());
    const second: Promise<TenantClock>[] = [];

    await ground.asAdmin((admin) =>
      ground.within(async ({ customers }) => {
        await customers.lockClock(customerId, ground.clock.now());
        second.push(ground.within((stores) => stores.customers.lockClock(customerId, ground.clock.now())));
        await somebodyWaits(admin);
        await customers.noteClock(customerId, confirmed);
      }),
    );

    expect(await Promise.all(second)).toEqual([confirmed]);
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
    const perform = ground.directory.perform.bind(ground.directory);
    const aheadMs = 24 * 60 * MINUTE;
    ground.directory.perform = async (...asked) =>
      (await perform(...asked)).map((each) => ({ ...each, at: (each.at ?? ground.clock.now()) + aheadMs }));
    const converge = async (): Promise<void> => {
      const { clockwork } = ground.database.unitOfWork;
      const claim = await clockwork.claimAccount(customer, other, ground.clock.now());
      if (claim !== null) await new Converge(ground.ports).execute([claim], { look: true });
    };
    const clock = () => ground.within(({ customers }) => customers.clock(customer.customerId));

    await ground.asAdmin(async (holder) => {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM managed_account WHERE id = $1 FOR UPDATE', [held]);
      await converge();
      await holder.query('ROLLBACK');
    });
    expect(await clock()).toMatchObject({ unreached: [held] });
    expect((await ground.user(customer, { accountId: other }))?.enabled).toBe(false);

    await converge();
    expect(await clock()).not.toHaveProperty('unreached');
    await ground.worker().execute(customer);
    expect((await ground.user(customer, { accountId: held }))?.enabled).toBe(false);
  });

  it('is not waited for longer than a claim allows', async () => {
    const { customerId } = customer;
    const startedAt = Date.now();
    await ground.within(({ customers }) => customers.lockClock(customerId, ground.clock.now()));

    await ground.asAdmin(async (holder) => {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM tenant_clock FOR UPDATE');
      const locking = ground.within(({ customers }) => customers.lockClock(customerId, ground.clock.now()));
      await expect(locking).rejects.toMatchObject({ code: 'database.locked' });
      await holder.query('ROLLBACK');
    });

    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it('is locked before any account, so that whoever notes it and whoever ends for it never wait crosswise', async () => {
    const grant = await ground.request(customer);
    await ground.worker().execute(customer);
    const { customerId } = customer;
    await ground.within(async ({ customers, accounts }) => {
      await customers.noteClock(customerId, clockNoted(AHEAD_MS, 0, ground.clock.now()));
      await accounts.endAll({ kind: 'customer', customerId }, ground.clock.now());
    });
    const perform = ground.directory.perform.bind(ground.directory);
    ground.directory.perform = async (...asked) =>
      (await perform(...asked)).map((each) => ({ ...each, at: (each.at ?? ground.clock.now()) + AHEAD_MS }));

    let worked: Promise<number> = Promise.resolve(0);
    await ground.asAdmin(async (holder) => {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM tenant_clock FOR UPDATE');
      worked = ground.worker().execute(customer);
      await ground.asAdmin(async (other) => {
        await somebodyWaits(other);
        const { rowCount } = await other.query('SELECT FROM managed_account FOR UPDATE NOWAIT');
        expect(rowCount).toBe(1);
      });
      await holder.query('ROLLBACK');
    });

    expect(await worked).toBe(1);
    const clock = await ground.within(({ customers }) => customers.clock(customerId));
    expect(clock?.leadMs).toBeGreaterThan(AHEAD_MS - MINUTE);
    expect((await ground.grant(grant.id)).state).toBe('active');
  });
});
