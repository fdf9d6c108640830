import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { AllStores } from '#core/access';
import { passwordPlace } from '#core/accounts';
import { RotateKeys, type RotatePorts } from '#core/keys';
import {
  idOf,
  Secret,
  SEALED_COLUMNS,
  sharedErrors,
  type CustomerRef,
  type SealedStores,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  credentialPlace,
  openApp,
  openPending,
  pendingCertificatePlace,
  revokerCredentialPlace,
} from '#core/tenancy';
import { aPendingCertificate, aRevokerCredential, aWorld, FakeIds, plant, type World } from '#core/testing';
import { createLogger, KeyWatch } from '#platform';
import { createKeyFile, LiveKeys } from '#secrets';
import { testDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase, type Database } from './database.js';

/** Of each organization; the first has more than one batch. */
const CUSTOMERS = [110, 10];
const PROCESSES = 4;
const KILLS = 3;
const UNREADABLE = sharedErrors.refuse('secret.unreadable');
/** One process is long behind the others: nobody may have sealed with a key that it does not know. */
const LATE_MS = 1_500;
const logger = createLogger({ name: 'test', level: 'silent' });

let place: TestDatabase;
let app: Database;
let keysRole: Database;
let revoker: Database;
let folder: string;
let file: string;
let ids: FakeIds;

beforeEach(async () => {
  place = await testDatabase();
  const { clockwork } = place.urls;
  app = openDatabase({ appUrl: place.urls.app, clockworkUrl: clockwork });
  keysRole = openDatabase({ appUrl: place.urls.keys, appRole: 'curfew_keys', clockworkUrl: clockwork });
  revoker = openDatabase({ appUrl: place.urls.revoker, appRole: 'curfew_revoker', clockworkUrl: clockwork });
  folder = mkdtempSync(join(tmpdir(), 'curfew-rotation-'));
  file = join(folder, 'keys.json');
  createKeyFile(file);
  ids = new FakeIds();
});
afterEach(async () => {
  await Promise.all([app, keysRole, revoker].map((database) => database.close()));
  await place.drop();
  rmSync(folder, { recursive: true });
});

/** A customer with everything that can be sealed. */
interface Tenant extends CustomerRef {
  readonly accountId: World['account']['id'];
}

/** What was last written to each place, by the version under which it was. */
class Truth {
  readonly #values = new Map<string, { readonly version: number; readonly value: string }>();

  wrote(key: string, version: number, value: string): void {
    if ((this.#values.get(key)?.version ?? -1) < version) this.#values.set(key, { version, value });
  }

  of(key: string): string | undefined {
    return this.#values.get(key)?.value;
  }
}

const plantTenants = async (box: SecretBox, truth: Truth): Promise<readonly Tenant[]> => {
  const tenants: Tenant[] = [];
  for (const customers of CUSTOMERS) {
    const world = aWorld(ids);
    await plant(app.unitOfWork, sealed(world, box));
    await app.unitOfWork.inOrganization(world.organization.id, async (stores) => {
      tenants.push(await plantSecond(stores, world, box));
      for (let number = 1; number < customers; number += 1)
        tenants.push(await plantCustomer(stores, world, box));
    });
  }
  for (const { customerId, accountId } of tenants) {
    truth.wrote(`connection ${customerId}`, 1, 'first');
    truth.wrote(`second ${customerId}`, 1, 'first');
    truth.wrote(`password ${accountId}`, 4, 'first');
  }
  return tenants;
};

const sealed = (world: World, box: SecretBox): World => {
  const { connection, account } = world;
  const first = new Secret('first');
  const password = {
    sealed: box.seal(first, passwordPlace(account, 4)),
    state: 'set',
    generation: 4,
  } as const;
  const sealedCredential = box.seal(first, credentialPlace(connection));
  return { ...world, connection: { ...connection, sealedCredential }, account: { ...account, password } };
};

const plantCustomer = async (stores: AllStores, world: World, box: SecretBox): Promise<Tenant> => {
  const customer = { ...world.customer, id: idOf<'customer'>(ids.uuid()), name: ids.uuid() };
  const customerId = customer.id;
  const connection = { ...world.connection, id: idOf<'connection'>(ids.uuid()), customerId };
  const account = { ...world.account, id: idOf<'account'>(ids.uuid()), customerId };
  const own = sealed({ ...world, customer, connection, account }, box);
  await stores.customers.insert(customer);
  await stores.connections.save(own.connection, null);
  await stores.accounts.insert(own.account);
  return plantSecond(stores, own, box);
};

const plantSecond = async (
  { connections, pendingCertificates }: AllStores,
  world: World,
  box: SecretBox,
): Promise<Tenant> => {
  const second = aRevokerCredential(world);
  await connections.saveRevokerCredential(
    second,
    box.seal(new Secret('first'), revokerCredentialPlace(second)),
    null,
  );
  const pending = aPendingCertificate(ids, world);
  const sealedCredential = box.seal(new Secret('first'), pendingCertificatePlace(pending));
  await pendingCertificates.insert({ ...pending, sealedCredential });
  const { organizationId, id: customerId } = world.customer;
  return { organizationId, customerId, accountId: world.account.id };
};

/** One process: its own keys, which follow the ring, and what it does with them. */
class Process {
  #watch: KeyWatch | null = null;
  failure: unknown = null;

  private constructor(
    private readonly name: string,
    private readonly keys: LiveKeys,
    private readonly truth: Truth,
  ) {}

  /** `everyMs`: how soon it takes up a changed ring. */
  static async start(name: string, truth: Truth, everyMs: number): Promise<Process> {
    const keys = await LiveKeys.open({ file });
    const started = new Process(name, keys, truth);
    const { keyHolders } = app.unitOfWork.clockwork;
    const clock = { now: () => Date.now() };
    started.#watch = new KeyWatch({ instance: name, keys, holders: keyHolders, clock, logger, everyMs });
    await started.#watch.start();
    return started;
  }

  async workOn(tenants: readonly Tenant[], isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver() && this.failure === null; turn += 1) {
      const tenant = tenants[Math.floor(Math.random() * tenants.length)];
      if (tenant === undefined) return;
      await this.#work(tenant, turn).catch((error: unknown) => (this.failure ??= error));
    }
  }

  async stop(): Promise<void> {
    await this.#watch?.stop();
  }

  #work(tenant: Tenant, turn: number): Promise<void> {
    const value = `${this.name} ${turn}`;
    switch (turn % 4) {
      case 0:
        return this.exchange(tenant, value);
      case 1:
        return this.exchangeSecond(tenant, value);
      case 2:
        return this.changePassword(tenant, value);
      default:
        return this.writeBack(tenant);
    }
  }

  private async exchange({ organizationId, customerId }: Tenant, value: string): Promise<void> {
    const { box } = this.keys;
    const before = await app.unitOfWork.inOrganization(organizationId, ({ connections }) =>
      connections.ofCustomer(customerId),
    );
    if (before === null) throw new Error('A connection is missing.');
    // Whatever process has sealed it.
    openApp(before, box);
    const next = { ...before, version: before.version + 1 };
    const sealedCredential = box.seal(new Secret(value), credentialPlace(next));
    const isSaved = await app.unitOfWork.inOrganization(organizationId, ({ connections }) =>
      connections.save({ ...next, sealedCredential }, before.version),
    );
    if (isSaved) this.truth.wrote(`connection ${customerId}`, next.version, value);
  }

  private async exchangeSecond({ organizationId, customerId }: Tenant, value: string): Promise<void> {
    const { box } = this.keys;
    const before = await app.unitOfWork.inOrganization(organizationId, ({ connections }) =>
      connections.revokerCredential(customerId),
    );
    if (before === null) throw new Error('A second credential is missing.');
    const next = { ...before, version: before.version + 1 };
    const text = box.seal(new Secret(value), revokerCredentialPlace(next));
    const isSaved = await app.unitOfWork.inOrganization(organizationId, ({ connections }) =>
      connections.saveRevokerCredential(next, text, before.version),
    );
    if (isSaved) this.truth.wrote(`second ${customerId}`, next.version, value);
  }

  private changePassword(tenant: Tenant, value: string): Promise<void> {
    return this.underClaim(
      tenant,
      (account) => {
        const generation = account.passwordGeneration + 1;
        const text = this.keys.box.seal(new Secret(value), passwordPlace(account, generation));
        const password = { sealed: text, state: 'pending' as const, generation };
        return { ...account, passwordGeneration: generation, password };
      },
      value,
    );
  }

  /** As converge does after each call: what it read at first goes back, however long ago that was. */
  private writeBack(tenant: Tenant): Promise<void> {
    return this.underClaim(tenant, (account) => account, null);
  }

  private async underClaim(
    tenant: Tenant,
    change: (account: World['account']) => World['account'],
    value: string | null,
  ): Promise<void> {
    const { accountId, organizationId } = tenant;
    const claim = await app.unitOfWork.clockwork.claimAccount(tenant, accountId, Date.now());
    if (claim === null) return;
    const read = await app.unitOfWork.inOrganization(organizationId, ({ accounts }) =>
      accounts.get(accountId),
    );
    if (read?.password == null) throw new Error('A password is missing.');
    this.keys.box.open(read.password.sealed, passwordPlace(read, read.password.generation));
    const changed = change(read);
    await app.unitOfWork.inOrganization(organizationId, async ({ accounts }) => {
      await accounts.lock([claim]);
      await accounts.record([claim], [changed]);
      await accounts.release([{ id: accountId, dueAt: Date.now(), takeAt: null, lookAt: null }]);
    });
    if (value !== null) this.truth.wrote(`password ${accountId}`, changed.passwordGeneration, value);
  }
}

const KILLED = new Error('killed');

/** A console that dies at some statement of its own: before it is sent, or before its answer is heard. */
const mortal = (dies: () => boolean): UnitOfWork<SealedStores> => ({
  clockwork: keysRole.unitOfWork.clockwork,
  inOrganization: async (organizationId, work) => {
    if (dies()) throw KILLED;
    const result = await keysRole.unitOfWork.inOrganization(organizationId, work);
    if (dies()) throw KILLED;
    return result;
  },
});

const consoleWith = async (sealedWork: UnitOfWork<SealedStores>): Promise<RotateKeys> => {
  const ring = await LiveKeys.open({ file });
  const ports: RotatePorts = {
    ...{ ring, box: ring.box, unitOfWork: app.unitOfWork, sealed: sealedWork },
    clock: { now: () => Date.now() },
    pause: () => new Promise((resolve) => setTimeout(resolve, 20)),
    elapsed: () => performance.now(),
    tell: () => undefined,
  };
  return new RotateKeys(ports);
};

/** Killed so often, and begun again each time. */
const rotateInSpiteOfKills = async (): Promise<void> => {
  for (let kills = 0; ;) {
    let statements = 0;
    const diesAt = 2 + Math.floor(Math.random() * 30);
    const dies = (): boolean => kills < KILLS && (statements += 1) >= diesAt;
    try {
      const { unreadable } = await (await consoleWith(mortal(dies))).rotate();
      expect(unreadable).toBe(0);
      if (kills === KILLS) return;
    } catch (error) {
      if (error !== KILLED) throw error;
    }
    kills += 1;
  }
};

const allOpen = async (tenants: readonly Tenant[], box: SecretBox, truth: Truth): Promise<void> => {
  for (const { organizationId, customerId, accountId } of tenants) {
    const pending = await app.unitOfWork.inOrganization(organizationId, ({ pendingCertificates }) =>
      pendingCertificates.ofCustomer(customerId),
    );
    expect(pending === null ? null : openPending(pending, box).expose()).toBe('first');
    await revoker.unitOfWork.inOrganization(organizationId, async ({ accounts, connections }) => {
      const connection = await connections.ofCustomer(customerId);
      const account = await accounts.get(accountId);
      const second = connection?.second;
      if (connection === null || second === undefined || account?.password == null)
        throw new Error('Something is missing.');
      const { sealed: text, generation } = account.password;
      const own = box.open(second.sealedCredential, revokerCredentialPlace(second)).expose();
      expect(openApp(connection, box).credential.value.expose()).toBe(truth.of(`connection ${customerId}`));
      expect(own).toBe(truth.of(`second ${customerId}`));
      expect(box.open(text, passwordPlace(account, generation)).expose()).toBe(
        truth.of(`password ${accountId}`),
      );
    });
  }
};

const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: place.urls.admin });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

describe('Rotating keys', () => {
  it('under load, killed again and again, loses nothing, and in the end everything opens with the new key alone', async () => {
    const truth = new Truth();
    const { box } = await LiveKeys.open({ file });
    const tenants = await plantTenants(box, truth);
    const processes: Process[] = [];
    for (let count = 0; count < PROCESSES; count += 1)
      processes.push(await Process.start(`process-${count}`, truth, count === 0 ? LATE_MS : 50));
    let isOver = false;
    const works = processes.map((each) => each.workOn(tenants, () => isOver));

    await rotateInSpiteOfKills().finally(() => (isOver = true));
    await Promise.all(works);

    expect(processes.map(({ failure }) => failure)).toEqual(processes.map(() => null));
    const rotation = await consoleWith(keysRole.unitOfWork);
    await rotation.reseal();
    const { keys, lost } = await rotation.status();
    for (const { id, seals } of keys) if (!seals) await rotation.retire(id);
    for (const each of processes) await each.stop();
    const alone = await LiveKeys.open({ file });
    expect(lost).toBe(0);
    expect(alone.held().readable).toEqual([keys.at(-1)?.id]);
    await allOpen(tenants, alone.box, truth);
  }, 120_000);

  it('knows every sealed column that there is', async () => {
    const { rows } = await asAdmin((client) =>
      client.query<{ name: string }>(
        `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
          WHERE table_schema = 'public' AND column_name LIKE 'sealed%' AND data_type <> 'integer'
            AND column_name <> 'sealed_password_state' ORDER BY 1`,
      ),
    );

    expect(rows.map(({ name }) => name.split('.')[0])).toEqual([...SEALED_COLUMNS]);
  });
});

describe('A ciphertext in the database', () => {
  const swaps: readonly (readonly [string, string])[] = [
    [
      'another row',
      `UPDATE managed_account a SET sealed_password = b.sealed_password FROM managed_account b
        WHERE a.organization_id = b.organization_id AND a.id <> b.id`,
    ],
    [
      'another organization',
      `UPDATE managed_account a SET sealed_password = b.sealed_password FROM managed_account b
        WHERE a.organization_id <> b.organization_id`,
    ],
    [
      'another column',
      `UPDATE managed_account a SET sealed_password = c.sealed_credential FROM entra_connection c
        WHERE a.organization_id = c.organization_id AND a.customer_id = c.customer_id`,
    ],
    [
      'another generation',
      `UPDATE managed_account SET sealed_password_generation = sealed_password_generation + 1`,
    ],
    [
      'a bend',
      `UPDATE managed_account SET sealed_password = overlay(sealed_password placing 'AAAA' from 30)`,
    ],
    ['a cut', `UPDATE managed_account SET sealed_password = left(sealed_password, -4)`],
    ['nothing', `UPDATE managed_account SET sealed_password = ''`],
  ];

  it.each(swaps)(
    'that was moved to, or made into, %s does not open, and is sealed anew by nobody',
    async (_, swap) => {
      const { box } = await LiveKeys.open({ file });
      const worlds = [sealed(aWorld(ids), box), sealed(aWorld(ids), box)];
      for (const world of worlds) {
        await plant(app.unitOfWork, world);
        await app.unitOfWork.inOrganization(world.organization.id, (stores) =>
          plantCustomer(stores, world, box),
        );
      }
      await asAdmin((client) => client.query(swap));

      for (const { organization, customer, account } of worlds)
        await app.unitOfWork.inOrganization(organization.id, async ({ accounts, connections }) => {
          const row = await accounts.get(account.id);
          const { sealed: text = '', generation = 0 } = row?.password ?? {};
          expect(() => box.open(text, passwordPlace(account, generation))).toThrow(UNREADABLE);
          const connection = await connections.ofCustomer(customer.id);
          expect(connection === null ? '' : openApp(connection, box).credential.value.expose()).toBe('first');
        });
      const { resealed, unreadable } = await (await consoleWith(keysRole.unitOfWork)).rotate();
      expect({ resealed, unreadable }).toEqual({ resealed: 2 * 3 + 2, unreadable: 2 * 2 });
    },
  );
});
