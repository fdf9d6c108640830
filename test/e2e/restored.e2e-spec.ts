import { readFileSync } from 'node:fs';
import pg from 'pg';
import { type Grant, type Refusal } from '../support/stack-api.js';
import { TestMsp, type ConnectedCustomer } from '../support/stack-msp.js';
import { TestStack } from '../support/stack.js';
import { until } from '../support/stack-until.js';

const PROCESSES = ['api', 'worker', 'revoker'] as const;
/** A copy belongs to whoever made it, and the schema to the owner of the database. */
const SAME_OWNER = `DO $$ BEGIN
  EXECUTE format('ALTER DATABASE backup OWNER TO %I',
    (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'curfew'));
END $$`;
/** A comparison that could not be finished comes again; of a role that has just ended, a list is proof after two minutes. */
const COMPARED_MS = 240_000;

describe('a database that is restored from a backup', () => {
  let stack: TestStack;
  let msp: TestMsp;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
  }, 90_000);

  afterAll(() => stack.stop(), 60_000);

  /** From another database of the same server, while nobody is in ours. */
  const onServer = async (...statements: readonly string[]): Promise<void> => {
    const { host, port, user, password } = await stack.database((client) => Promise.resolve(client));
    const server = new pg.Client({
      host,
      port,
      database: 'postgres',
      ...(user === undefined ? {} : { user }),
      ...(password === undefined || password === null ? {} : { password }),
    });
    await server.connect();
    try {
      for (const statement of statements) await server.query(statement);
    } finally {
      await server.end();
    }
  };

  const alone = async (work: () => Promise<void>): Promise<void> => {
    for (const name of PROCESSES) await stack.kill(name);
    await onServer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'curfew'");
    await work();
  };

  /** The processes write it every few seconds, and were killed before they could. */
  const isMarked = async (): Promise<boolean> => {
    const { rows } = await stack.database((client) =>
      client.query<{ mark: number }>('SELECT sum(sequence)::int AS mark FROM audit_head'),
    );
    const file = `${stack.environment['CURFEW_KEY_FILE'] ?? ''}.mark`;
    const { mark } = JSON.parse(readFileSync(file, 'utf8')) as { readonly mark: number };
    return mark === rows[0]?.mark;
  };

  const isEnabled = async ({ tenantId }: ConnectedCustomer, upn: string) =>
    (await stack.simulator.truth(tenantId)).users.find(({ userPrincipalName }) => userPrincipalName === upn)
      ?.accountEnabled;

  const active = (id: string): Promise<Grant> =>
    until(
      () => msp.owner.grant(id),
      ({ state }) => state === 'active',
      { what: `grant ${id} is active`, timeoutMs: 60_000 },
    );

  it('gives nothing until it was compared, disables what was given since, and gives again by itself', async () => {
    const customer = await msp.customer('restored');
    const policy = await msp.policy(customer);
    const [bea] = await msp.technicians(['bea']);
    if (bea === undefined) throw new Error('Nobody was hired.');
    const wish = { customerId: customer.customerId, policyId: policy, durationSeconds: 600 };
    const ended = await msp.activeGrant(customer, policy);
    await alone(() => onServer('CREATE DATABASE backup TEMPLATE curfew', SAME_OWNER));
    for (const name of PROCESSES) await stack.start(name);

    await msp.technician.end(ended.id);
    await msp.reaches(ended.id, 'ended');
    const given = await active((await bea.request(wish)).id);
    expect(await isEnabled(customer, given.upn)).toBe(true);
    await until(isMarked, (is) => is, { what: 'the mark is as young as the database', timeoutMs: 60_000 });
    await alone(() => onServer('DROP DATABASE curfew', 'ALTER DATABASE backup RENAME TO curfew'));

    await stack.start('api');
    const refusal: unknown = await bea.request(wish).catch((error: unknown) => error);
    expect((refusal as Refusal).problem).toMatchObject({ status: 503, code: 'deployment.restoring' });
    await stack.start('worker');
    await stack.start('revoker');
    const told = await until(
      () => stack.console('restore', 'status'),
      (line) => line.startsWith('Nothing is being restored'),
      { what: 'the restoration has ended', timeoutMs: COMPARED_MS },
    );

    expect(told).toContain('Generation 1');
    expect(await isEnabled(customer, given.upn)).toBe(false);
    expect(await isEnabled(customer, ended.upn)).toBe(false);
    await active((await bea.request(wish)).id);
  }, 480_000);
});
