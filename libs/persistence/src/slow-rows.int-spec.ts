import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Converge, MirrorOfEnds, RevokeOverdue, type ConvergencePorts } from '#core/convergence';
import type { Grant } from '#core/grants';
import { SECOND, type AccountId } from '#core/shared';
import { openDatabase } from './database.js';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(60_000);

let ground: ProvingGround;
let customer: GroundCustomer;
beforeEach(async () => {
  ground = await ProvingGround.open();
  customer = await ground.customer('contoso');
});
afterEach(() => ground.close());

/** Running grants, all of which end at the same instant. */
const running = async (count: number): Promise<readonly Grant[]> => {
  const grants: Grant[] = [];
  for (let made = 0; made < count; made += 1) grants.push(await ground.request(customer));
  await ground.worker().execute(customer);
  return grants;
};

const end = (grants: readonly Grant[], lateMs = 0): void =>
  ground.clock.forwardTo(Math.max(...grants.map(({ expiresAt }) => expiresAt)) + lateMs);

const isEnabled = async (grant: Grant | undefined): Promise<boolean | undefined> =>
  grant === undefined ? undefined : (await ground.user(customer, grant))?.enabled;

const rowOf = (grant: Grant | undefined) =>
  ground.within(({ accounts }) => accounts.get(grant?.accountId ?? ('' as AccountId)));

/** While somebody else's session holds a row, as a person at the console would. */
const whileHeld = (
  table: 'access_grant' | 'managed_account',
  id: string | undefined,
  work: () => Promise<void>,
) =>
  ground.asAdmin(async (client) => {
    await client.query('BEGIN');
    await client.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
    try {
      await work();
    } finally {
      await client.query('ROLLBACK');
    }
  });

/** Whoever writes a grant of this account needs a long time for it. */
const makeSlow = (accountId: string | undefined): Promise<unknown> =>
  ground.asAdmin(async (client) => {
    await client.query(
      `CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM pg_sleep(20); RETURN NEW; END $$;
       CREATE TRIGGER slow BEFORE UPDATE ON access_grant FOR EACH ROW
         WHEN (OLD.account_id = '${accountId}') EXECUTE FUNCTION take_long()`,
    );
  });

const revokerOn = (ports: ConvergencePorts) => {
  const revoker = new RevokeOverdue(ports, new Converge(ports));
  const failures: unknown[] = [];
  const look = async (): Promise<void> => {
    await revoker.execute((_, error) => failures.push(error));
    await revoker.idle();
  };
  return { look, failures };
};

const unplanned = (): Promise<readonly unknown[]> =>
  ground.asAdmin(async (client) => {
    const { rows } = await client.query<{ details: unknown }>(
      `SELECT subject_id AS "subjectId", details FROM audit_event WHERE action = 'account.disabled_unplanned'`,
    );
    return rows;
  });

describe('a row that somebody holds', () => {
  it('is waited for a few seconds, keeps no other from its end, is tried again soon, and ends once it is let go', async () => {
    const grants = await running(3);
    const [held, ...others] = grants;
    end(grants);
    const worker = ground.worker();

    await whileHeld('access_grant', held?.id, async () => {
      const startedAt = Date.now();
      await expect(worker.execute(customer)).rejects.toMatchObject({ code: 'database.locked' });
      expect(Date.now() - startedAt).toBeLessThan(13 * SECOND);
      for (const other of others) expect(await isEnabled(other)).toBe(false);
      expect(await isEnabled(held)).toBe(true);
      const row = await rowOf(held);
      expect(row?.claimedUntil).toBeNull();
      expect((row?.dueAt ?? 0) - ground.clock.now()).toBeLessThanOrEqual(5 * SECOND);
    });

    ground.clock.forwardTo((await rowOf(held))?.dueAt ?? 0);
    await worker.execute(customer);
    expect(await isEnabled(held)).toBe(false);
  });

  it('is not waited for long by whoever ends many, so that nobody waits long for the others', async () => {
    const [held] = await running(2);
    const { customerId } = customer;

    await whileHeld('managed_account', held?.accountId, async () => {
      const startedAt = Date.now();
      const works = [
        ground.within(({ accounts }) =>
          accounts.endAll({ kind: 'customer', customerId }, ground.clock.now()),
        ),
        ground.within(({ accounts }) => accounts.askLookAtAll(customerId, ground.clock.now())),
      ];
      for (const work of works) await expect(work).rejects.toMatchObject({ code: 'database.locked' });
      expect(Date.now() - startedAt).toBeLessThan(13 * SECOND);
    });
  });

  it('is disabled by the revoker on its object id, when it is held for longer', async () => {
    const grants = await running(1);
    end(grants, 3 * SECOND);
    const { look, failures } = revokerOn(ground.ports);

    await whileHeld('access_grant', grants[0]?.id, async () => {
      await look();
      expect(await isEnabled(grants[0])).toBe(true);
      ground.clock.forwardTo(ground.clock.now() + 3 * SECOND);
      await look();
    });

    expect(await isEnabled(grants[0])).toBe(false);
    expect(failures).toMatchObject([{ code: 'database.locked' }, { code: 'database.locked' }]);
    expect(await unplanned()).toEqual([
      {
        subjectId: grants[0]?.accountId,
        details: { done: ['disabled', 'sessions revoked'], because: 'database.locked' },
      },
    ]);
  });

  it('is disabled without a claim, when it cannot even be claimed for longer than a transaction of ours lasts', async () => {
    const grants = await running(2);
    const { look } = revokerOn(ground.ports);

    await whileHeld('managed_account', grants[0]?.accountId, async () => {
      end(grants, 3 * SECOND);
      for (let looks = 0; looks < 4; looks += 1) {
        await look();
        expect(await Promise.all(grants.map(isEnabled))).toEqual([true, false]);
        ground.clock.forwardTo(ground.clock.now() + 4 * SECOND);
      }
      await look();
      await look();
      expect((await rowOf(grants[0]))?.mayHold.enabled).toBe('held');
    });

    expect(await isEnabled(grants[0])).toBe(false);
    expect(await unplanned()).toMatchObject([{ details: { because: 'database.locked' } }]);
    await look();
    expect((await rowOf(grants[0]))?.mayHold.enabled).toBe('maybe');
  });

  it('is disabled without a claim, too, when a worker had claimed it before and still has the claim', async () => {
    const grants = await running(2);
    const [held] = grants;
    const accountId = held?.accountId ?? ('' as AccountId);
    end(grants, -SECOND);
    const { unitOfWork } = ground.database;
    const claim = await unitOfWork.clockwork.claimAccount(customer, accountId, ground.clock.now());
    const { look } = revokerOn(ground.ports);

    await whileHeld('managed_account', accountId, async () => {
      for (let seconds = -1; seconds < 25 && (await isEnabled(held)) === true; seconds += 4) {
        await look();
        ground.clock.forwardTo(ground.clock.now() + 4 * SECOND);
      }
      expect((await rowOf(held))?.claimedUntil).toBe(claim?.claimedUntil);
    });

    expect(await isEnabled(held)).toBe(false);
    expect(await unplanned()).toMatchObject([
      { subjectId: accountId, details: { because: 'database.locked' } },
    ]);
  });

  it('is known to be held, claimed or not, for as long as it is', async () => {
    const grants = await running(1);
    const accountId = grants[0]?.accountId ?? ('' as AccountId);
    const { clockwork } = ground.database.unitOfWork;
    end(grants, SECOND);
    const now = ground.clock.now();
    const overdue = { now, owedBefore: now, except: [] };
    const known = async () => [
      await clockwork.overdueCustomers(overdue, 9),
      await clockwork.lockedOverdue(customer, overdue, 9),
    ];

    await whileHeld('managed_account', accountId, async () => {
      expect(await known()).toMatchObject([
        [{ customerId: customer.customerId, isHeld: false }],
        [accountId],
      ]);
    });
    await clockwork.claimAccount(customer, accountId, now);
    await whileHeld('managed_account', accountId, async () => {
      expect(await known()).toMatchObject([[{ isHeld: true }], [accountId]]);
      const except = { ...overdue, except: [accountId] };
      expect(await clockwork.overdueCustomers(except, 9)).toEqual([]);
      expect(await clockwork.claimOverdue(customer, overdue, 9)).toEqual([]);
    });
    expect(await known()).toEqual([[], []]);
  });

  it('is not waited for by whoever sets its claim aside', async () => {
    const grants = await running(1);
    const accountId = grants[0]?.accountId ?? ('' as AccountId);
    const { clockwork } = ground.database.unitOfWork;
    const claim = await clockwork.claimAccount(customer, accountId, ground.clock.now());
    if (claim === null) throw new Error('Nobody else can have claimed it.');
    const { unitOfWork } = ground.another({ statementMs: 700 });
    const dueAt = claim.claimedUntil + SECOND;
    const setAside = () =>
      unitOfWork.inOrganization(claim.organizationId, ({ accounts }) => accounts.setAside(claim, dueAt));

    await whileHeld('managed_account', accountId, async () => expect(await setAside()).toBe(false));
    expect(await rowOf(grants[0])).toMatchObject({ claimedUntil: claim.claimedUntil });

    expect(await setAside()).toBe(true);
    expect(await rowOf(grants[0])).toMatchObject({ claimedUntil: null, dueAt });
  });

  it('holds up no claim, and no giving back', async () => {
    const grants = await running(2);
    const { clockwork } = ground.database.unitOfWork;
    const [held, free] = grants.map(({ accountId }) => accountId);
    const now = ground.clock.now();
    const claim = await clockwork.claimAccount(customer, free ?? ('' as AccountId), now);

    await whileHeld('managed_account', held, async () => {
      expect(await clockwork.claimAccount(customer, held ?? ('' as AccountId), now)).toBeNull();
      const row = await rowOf(grants[0]);
      const theirs = {
        ...customer,
        accountId: held ?? ('' as AccountId),
        epoch: row?.epoch ?? 0,
        claimedUntil: 0,
      };
      expect(await clockwork.giveBack([theirs, ...(claim === null ? [] : [claim])])).toEqual([held]);
      expect((await rowOf(grants[1]))?.claimedUntil).toBeNull();
    });
    expect(await clockwork.claimAccount(customer, held ?? ('' as AccountId), now)).not.toBeNull();
  });
});

describe('a row that takes too long', () => {
  it('keeps no other from its end, and is disabled by the revoker on its object id', async () => {
    const grants = await running(3);
    const [slow, ...others] = grants;
    await makeSlow(slow?.accountId);
    const ports = ground.with(ground.another({ statementMs: 700 }).unitOfWork);
    end(grants);

    await expect(ground.worker(ports).execute(customer)).rejects.toMatchObject({
      code: 'database.timed_out',
    });
    for (const other of others) expect(await isEnabled(other)).toBe(false);
    expect(await isEnabled(slow)).toBe(true);

    ground.clock.forwardTo(ground.clock.now() + 3 * SECOND);
    await revokerOn(ports).look();
    expect(await isEnabled(slow)).toBe(false);
    expect(await unplanned()).toMatchObject([{ details: { because: 'database.timed_out' } }]);
  });
});

describe('a table that somebody holds', () => {
  it('leaves to the mirror what it takes to disable from memory', async () => {
    const grants = await running(2);
    const database = ground.another({ statementMs: 700 });
    const ports = ground.with(database.unitOfWork);
    const mirror = new MirrorOfEnds(ports, { converge: new Converge(ports), alone: ground.clock });
    const failures: unknown[] = [];
    const failed = (_: unknown, error: unknown): void => void failures.push(error);
    ground.clock.forwardTo((grants[0]?.expiresAt ?? 0) - 60 * SECOND);

    await ground.asAdmin(async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE access_grant IN ACCESS EXCLUSIVE MODE');
      await (
        await mirror.refresh(failed)
      ).done;
      await client.query('ROLLBACK');
    });
    await database.close();
    end(grants, 3 * SECOND);
    await mirror.takeAway(failed);

    expect(failures).toMatchObject([{ code: 'database.timed_out' }, { code: 'database.timed_out' }]);
    expect(await Promise.all(grants.map(isEnabled))).toEqual([false, false]);
  });
});

describe('a way to the database on which nothing comes back', () => {
  it('is told from a database that is slow: nobody answers on another one either', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `postgres://curfew:x@127.0.0.1:${(server.address() as AddressInfo).port}/curfew`;
    const silent = openDatabase({ appUrl: url, clockworkUrl: url, silenceMs: 300 });

    try {
      const asked = silent.unitOfWork.clockwork.organizations(1);
      await expect(asked).rejects.toMatchObject({ code: 'database.unavailable' });
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
      await silent.close();
    }
  });
});
