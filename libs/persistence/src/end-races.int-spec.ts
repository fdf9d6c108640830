import { setTimeout as pause } from 'node:timers/promises';
import { ExtendGrant, type Grant } from '#core/grants';
import { DomainError, HOUR } from '#core/shared';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(180_000);

const BATCHES = 8;
/** A machine that is busy finds its aim late: it gets more tries to see both outcomes. */
const MOST_BATCHES = 24;
const CUSTOMERS = 4;
const GRANTS_A_CUSTOMER = 6;
/** Around the end, both for the extension and for whoever looks at the end. */
const SPREAD_MS = 50;
/** A slow machine commits late: then extensions set out a little earlier, so that both outcomes go on being seen. */
const AIM_STEP_MS = 15;
const EARLIEST_AIM_MS = 200;
/** Clocks of two processes are never quite the same. */
const CLOCKS_DIFFER_MS = 8;

interface Run {
  readonly customer: GroundCustomer;
  readonly grant: Grant;
  extended: boolean;
}

const between = (low: number, high: number): number => low + Math.random() * (high - low);

describe('An extension that races the end by milliseconds', () => {
  let ground: ProvingGround;
  let customers: GroundCustomer[];

  beforeAll(async () => {
    ground = await ProvingGround.open();
    customers = [];
    for (let index = 0; index < CUSTOMERS; index += 1)
      customers.push(await ground.customer(`customer-${index}`));
    // Graph takes its time, so that extensions fall before, into and after the calls of an end.
    ground.directory.beforeCall(() => pause(Math.round(between(0, 5))));
  });
  afterAll(() => ground.close());

  /** As many grants as a batch has, all of which end at the same instant. */
  const begin = async (): Promise<readonly Run[]> => {
    const begun = await Promise.all(
      customers.map(async (customer) => {
        const grants: Grant[] = [];
        for (let count = 0; count < GRANTS_A_CUSTOMER; count += 1)
          grants.push(await ground.request(customer));
        await ground.worker().execute(customer);
        return grants.map((grant): Run => ({ customer, grant, extended: false }));
      }),
    );
    const runs = begun.flat();
    const ids = runs.map(({ grant }) => grant.id);
    const endsAt = new Date(ground.clock.now() + HOUR);
    await ground.asAdmin(async (client) => {
      await client.query(
        `UPDATE access_grant SET expires_at = $2, latest_expires_at = $2::timestamptz + interval '1 h'
         WHERE id = ANY($1)`,
        [ids, endsAt],
      );
      await client.query(
        `UPDATE managed_account SET due_at = $2, take_at = $2
         WHERE id IN (SELECT account_id FROM access_grant WHERE id = ANY($1))`,
        [ids, endsAt],
      );
    });
    return runs.map((run) => ({ ...run, grant: { ...run.grant, expiresAt: endsAt.getTime() } }));
  };

  const extend = async (run: Run, delayMs: number): Promise<void> => {
    await pause(delayMs);
    const clock = ground.clock.off(between(-CLOCKS_DIFFER_MS, CLOCKS_DIFFER_MS));
    const { organizationId, actor, queue } = ground;
    const expiresAt = run.grant.expiresAt + HOUR / 2;
    try {
      await new ExtendGrant({ unitOfWork: ground.database.unitOfWork, queue, clock }).execute({
        organizationId,
        grantId: run.grant.id,
        expiresAt,
        actor,
      });
      run.extended = true;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'grant.already_ended') throw error;
    }
  };

  /** Bells and sweeps of several workers, before and after the end. They have connections of their own, as in life. */
  const keepEnds = async (customer: GroundCustomer, untilMs: number): Promise<void> => {
    const until = Date.now() + untilMs;
    while (Date.now() < until) {
      const clock = ground.clock.off(between(-CLOCKS_DIFFER_MS, CLOCKS_DIFFER_MS));
      await ground.worker(ground.with(ground.database.sweepUnitOfWork, clock)).execute(customer);
      await pause(between(1, 15));
    }
  };

  const race = async (runs: readonly Run[], aimMs: number): Promise<void> => {
    const lead = EARLIEST_AIM_MS + SPREAD_MS;
    ground.clock.forwardTo((runs[0]?.grant.expiresAt ?? 0) - lead);
    const aim = lead - aimMs;
    await Promise.all([
      ...runs.map((run) => extend(run, between(aim - SPREAD_MS, aim + SPREAD_MS))),
      ...customers.map((customer) => keepEnds(customer, lead + 2 * SPREAD_MS)),
    ]);
    // Whatever an extension has put off or an end has begun is finished.
    for (const customer of customers) while ((await ground.worker().execute(customer)) > 0);
  };

  it('wins before the end and the grant runs on, or comes too late and it stays ended: never anything between', async () => {
    const count = { extended: 0, ended: 0 };
    let aimMs = 0;
    const bothSeen = () => Math.min(count.extended, count.ended) > BATCHES;
    let batches = 0;
    for (; batches < BATCHES || (!bothSeen() && batches < MOST_BATCHES); batches += 1) {
      const runs = await begin();
      await race(runs, aimMs);
      await judge(runs);
      const extended = runs.filter((run) => run.extended).length;
      count.extended += extended;
      count.ended += runs.length - extended;
      if (extended < runs.length / 3) aimMs = Math.min(EARLIEST_AIM_MS, aimMs + AIM_STEP_MS);
      if (extended > (runs.length * 2) / 3) aimMs -= AIM_STEP_MS;
    }

    expect(count.extended + count.ended).toBe(batches * CUSTOMERS * GRANTS_A_CUSTOMER);
    expect(count.extended).toBeGreaterThan(BATCHES);
    expect(count.ended).toBeGreaterThan(BATCHES);
  });

  const judge = async (runs: readonly Run[]): Promise<void> => {
    const audit = await ground.audit(runs.map(({ grant }) => grant.id));
    for (const { customer, grant: before, extended } of runs) {
      const grant = await ground.grant(before.id);
      const user = await ground.user(customer, grant);
      const told = (action: string): number =>
        audit.filter((event) => event.grantId === grant.id && event.action === action).length;

      expect({
        state: grant.state,
        reason: grant.endReason,
        expiresAt: grant.expiresAt,
        taken: grant.takenAt !== null,
        enabled: user?.enabled,
        roles: user?.roles.length,
        told: ['grant.extended', 'grant.expired', 'grant.taken_away'].map(told),
      }).toEqual(
        extended
          ? {
              state: 'active',
              reason: null,
              expiresAt: before.expiresAt + HOUR / 2,
              taken: false,
              enabled: true,
              roles: 1,
              told: [1, 0, 0],
            }
          : {
              state: 'ending',
              reason: 'expired',
              expiresAt: before.expiresAt,
              taken: true,
              enabled: false,
              roles: 0,
              told: [0, 1, 1],
            },
      );
    }
  };
});
