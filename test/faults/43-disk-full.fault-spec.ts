import { type Refusal } from '../support/stack-api.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 15_000;
/** The mirror is refreshed every five seconds. */
const MIRRORED_MS = 8_000;
/** Less than the minute after which a worker whose queue takes nothing ends, for its supervisor to start it again. */
const FULL_MS = 45_000;

/** What PostgreSQL says when it can't extend a file; reading goes on. The queue's tables lie on the same disk. */
const FULL = `
  CREATE SCHEMA faults;
  GRANT USAGE ON SCHEMA faults TO PUBLIC;
  CREATE FUNCTION faults.no_space() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
  DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'bullmq') LOOP
      EXECUTE format('CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE OR DELETE ON %I.%I
                      FOR EACH STATEMENT EXECUTE FUNCTION faults.no_space()', t.schemaname, t.tablename);
    END LOOP;
  END $$`;

const fill = (ground: FaultGround): Promise<unknown> => ground.stack.database((client) => client.query(FULL));

const makeRoom = (ground: FaultGround): Promise<unknown> =>
  ground.stack.database((client) => client.query('DROP SCHEMA faults CASCADE'));

faultScenario({
  number: 43,
  title: "The database's disk is full",
  queues: ['postgres'],
  minutes: 8,
  play: async (ground) => {
    const { customer, policyId } = await ground.customer('wanting');
    const grants = await ground.grants();
    const ends = await ground.end(grants, { inMs: MIRRORED_MS + 4_000, spreadMs: SPREAD_MS });
    await ground.reach(Date.now() + MIRRORED_MS);

    const fullUntil = Date.now() + FULL_MS;
    await fill(ground);
    const wish = { customerId: customer.customerId, policyId, durationSeconds: 600 };
    const refusal: unknown = await ground.msp.technician.request(wish).catch((error: unknown) => error);
    expect((refusal as Refusal).problem).toMatchObject({ status: 503, code: 'database.unwritable' });
    await ground.settle(ends);
    expect(Date.now()).toBeLessThan(fullUntil);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);
    const { users } = await ground.stack.simulator.truth(customer.tenantId);
    expect(users.filter(({ accountEnabled }) => accountEnabled)).toEqual([]);
    await ground.reach(fullUntil);
    await makeRoom(ground);

    await ground.closed(grants);
    const told = await ground.stack.database((client) =>
      client.query<{ count: number }>(
        `SELECT count(DISTINCT subject_id)::int AS count FROM audit_event WHERE action = 'account.taken_from_memory'`,
      ),
    );
    expect(told.rows[0]?.count).toBeGreaterThan(0);
  },
});
