import { CarryOutHold, Converge } from '#core/convergence';
import { PullKillSwitch, ReachHolds, type Grant, type Hold } from '#core/grants';
import { SECOND } from '#core/shared';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(120_000);

let ground: ProvingGround;
let customers: readonly GroundCustomer[];
let grants: readonly Grant[];

beforeEach(async () => {
  ground = await ProvingGround.open();
  customers = [await ground.customer('contoso'), await ground.customer('fabrikam')];
  const made: Grant[] = [];
  for (const customer of customers) {
    for (let each = 0; each < 2; each += 1) made.push(await ground.request(customer));
    await ground.worker().execute(customer);
  }
  grants = made;
});
afterEach(() => ground.close());

const run = (sql: string) => ground.asAdmin((client) => client.query(sql));

/** Each way in which a row fails by itself. */
const makeOdd: Record<string, (accountId: string) => Promise<unknown>> = {
  'takes too long to write': (accountId) =>
    run(`CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$;
         CREATE TRIGGER slow BEFORE UPDATE ON managed_account FOR EACH ROW
           WHEN (OLD.id = '${accountId}') EXECUTE FUNCTION take_long()`),
  'cannot be written': (accountId) =>
    run(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'could not write block 7' USING ERRCODE = '58030'; END $$;
         CREATE TRIGGER odd BEFORE UPDATE ON managed_account FOR EACH ROW
           WHEN (OLD.id = '${accountId}') EXECUTE FUNCTION fail()`),
  // As an unreadable block does, it fails each statement that comes upon the row, and no other.
  'cannot be read': (accountId) =>
    run(`CREATE FUNCTION readable(id uuid) RETURNS boolean LANGUAGE plpgsql COST 10000 AS $$
         BEGIN IF id = '${accountId}' THEN RAISE EXCEPTION 'invalid page' USING ERRCODE = 'XX001'; END IF;
         RETURN true; END $$;
         CREATE POLICY readable ON managed_account AS RESTRICTIVE USING (readable(id))`),
};

const isEnabled = async (grant: Grant): Promise<boolean | undefined> => {
  const customer = customers.find(({ customerId }) => customerId === grant.customerId);
  return customer === undefined ? undefined : (await ground.user(customer, grant))?.enabled;
};

const pull = (): Promise<Hold> =>
  new PullKillSwitch(ground.ports).execute({
    organizationId: ground.organizationId,
    scope: { kind: 'organization' },
    reason: 'a laptop was stolen',
    actor: { kind: 'console' },
    idempotency: null,
  });

const owed = async (): Promise<readonly string[]> => {
  const { rows } = await ground.asAdmin((client) =>
    client.query<{ id: string }>('SELECT account_id AS id FROM hold_account ORDER BY 1'),
  );
  return rows.map(({ id }) => id);
};

const setOdd = async (what: string) => {
  const [odd, ...others] = [...grants].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
  if (odd === undefined) throw new Error('There is no grant.');
  await makeOdd[what]?.(odd.accountId);
  return { odd, others };
};

describe.each(Object.keys(makeOdd))('a kill switch with a row in its scope that %s', (what) => {
  it('is pulled at once, and reaches all others; the row stays told', async () => {
    const { odd, others } = await setOdd(what);

    const began = performance.now();
    await pull();
    expect(performance.now() - began).toBeLessThan(12 * SECOND);
    const failures: unknown[] = [];
    await new ReachHolds(ground.ports).execute(({ accountId }) => failures.push(accountId));

    expect(await owed()).toEqual(others.map(({ accountId }) => accountId));
    expect(failures).toContain(odd.accountId);
    const { clockwork } = ground.database.unitOfWork;
    expect(await clockwork.unreachedHolds(null, 9)).toHaveLength(1);
  });
});

describe.each(['takes too long to write', 'cannot be written'])(
  'a kill switch with a row that %s',
  (what) => {
    it('is carried out for all others from the console', async () => {
      const { odd, others } = await setOdd(what);
      const { clockwork } = ground.database.unitOfWork;
      const elsewhere = others.filter(({ customerId }) => customerId !== odd.customerId);
      const hold = await pull();
      const console = new CarryOutHold(ground.ports, new Converge(ground.ports));
      const failures: unknown[] = [];

      for (let looks = 0; looks < 3; looks += 1) {
        await console
          .look(hold, (_, error) => failures.push(error))
          .catch((error: unknown) => failures.push(error));
        await console.idle();
      }

      expect(await Promise.all(elsewhere.map(isEnabled))).toEqual(elsewhere.map(() => false));
      expect(failures).not.toEqual([]);
      expect(await clockwork.unreachedHolds(null, 9)).toHaveLength(1);
    });
  },
);
