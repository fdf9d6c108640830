import { markerOf, type ManagedAccount } from '../accounts/index.js';
import {
  Converge,
  ConvergeCustomer,
  DriftPass,
  DriftSweep,
  Sweep,
  Unreturned,
  type ConvergencePorts,
} from '../convergence/index.js';
import { transition, type Grant } from '../grants/index.js';
import {
  idOf,
  MINUTE,
  Secret,
  type AccountId,
  type GrantId,
  type Instant,
  type PolicyId,
  type TechnicianId,
} from '../shared/index.js';
import { credentialPlace, type EntraConnection } from '../tenancy/index.js';
import {
  CUSTOMER,
  entitlementOf,
  EXCHANGE,
  HELPDESK,
  newAccount,
  ORGANIZATION,
  TENANT,
  UNBEGUN,
  type GrantWish,
} from './convergence-rows.js';
import { FakeClock } from './fake-clock.js';
import {
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FakeDirectory,
  type FakeTenant,
  type FakeTenantSpec,
} from './fake-directory.js';
import { FakeIds } from './fake-ids.js';
import { FakeJobQueue } from './fake-job-queue.js';
import { FakeSecretBox } from './fake-secret-box.js';
import { InMemoryUnitOfWork } from './in-memory-unit-of-work.js';

export { EXCHANGE, GLOBAL_ADMIN, HELPDESK, READER, type GrantWish } from './convergence-rows.js';

/** One organization with one connected customer, every port a fake: where convergence is specified. */
export class ConvergenceWorld {
  readonly clock = new FakeClock();
  readonly ids = new FakeIds();
  readonly box = new FakeSecretBox();
  readonly queue = new FakeJobQueue();
  readonly unitOfWork = new InMemoryUnitOfWork();
  readonly directory = new FakeDirectory(() => this.clock.now());
  readonly tenant: FakeTenant;
  readonly changes = this.directory;
  readonly ports: ConvergencePorts = this;
  readonly converge = new Converge(this);
  readonly unreturned = new Unreturned(this);
  readonly sweep = new Sweep(
    this,
    new ConvergeCustomer(this, this.converge, this.unreturned),
    this.unreturned,
  );
  readonly drift = new DriftSweep(this, new DriftPass(this, this.converge, this.unreturned));
  readonly customer = { organizationId: ORGANIZATION, customerId: CUSTOMER };
  readonly #technicians = new Map<string, TechnicianId>();
  readonly #accounts = new Map<string, AccountId>();

  private constructor(spec: Partial<FakeTenantSpec>) {
    this.tenant = this.directory.addTenant({
      tenantId: TENANT,
      groups: { [HELPDESK]: {}, [EXCHANGE]: {} },
      pim: null,
      ...spec,
    });
  }

  static async create(spec: Partial<FakeTenantSpec> = {}): Promise<ConvergenceWorld> {
    const world = new ConvergenceWorld(spec);
    await world.unitOfWork.inOrganization(ORGANIZATION, async (stores) => {
      const createdAt = world.clock.now();
      await stores.organizations.insert({
        id: ORGANIZATION,
        slug: 'msp',
        name: 'MSP',
        naming: { prefix: 'jit-' },
        createdAt,
      });
      await stores.customers.insert({
        id: CUSTOMER,
        organizationId: ORGANIZATION,
        name: 'Contoso',
        state: 'active',
        createdAt,
      });
      await stores.connections.save(world.connection(), null);
    });
    return world;
  }

  private connection(): EntraConnection {
    const identity = { organizationId: ORGANIZATION, id: idOf<'connection'>(this.ids.uuid()), version: 1 };
    return {
      ...identity,
      customerId: CUSTOMER,
      cloud: 'global',
      tenantId: TENANT,
      clientId: FAKE_CLIENT_ID,
      credentialKind: 'secret',
      sealedCredential: this.box.seal(new Secret(FAKE_CREDENTIAL), credentialPlace(identity)),
      domain: `${TENANT}.example`,
      capabilities: {
        mayTouchRoleHolders: this.tenant.mayTouchRoleHolders,
        pass: this.tenant.pass,
        timedRoles: this.tenant.pim !== null,
      },
      timedRolesRefused: {},
      state: 'active',
      checkedAt: this.clock.now(),
      credentialEndsAt: null,
    };
  }

  /** A grant as RequestAccess leaves it: scheduled, its account there and due. */
  async grant(wish: GrantWish = {}): Promise<GrantId> {
    const name = wish.technician ?? 'alice';
    const technicianId = await this.technician(name);
    const accountId = await this.account(name, technicianId);
    const policyId = await this.policy(wish);
    const grant = this.scheduled(wish, { technicianId, accountId, policyId });
    await this.unitOfWork.inOrganization(ORGANIZATION, async (stores) => {
      await stores.accounts.intend([accountId], { dueAt: grant.startsAt, takeAt: grant.expiresAt });
      await stores.requests.insert({
        id: grant.requestId,
        ...this.customer,
        technicianId,
        policyId,
        policyVersion: 1,
        durationSeconds: (grant.expiresAt - grant.startsAt) / 1_000,
        startsAt: grant.startsAt,
        reason: null,
        ticket: null,
        state: 'approved',
        grantId: null,
        createdAt: grant.createdAt,
      });
      await stores.grants.insert(grant);
    });
    return grant.id;
  }

  private scheduled(wish: GrantWish, of: Pick<Grant, 'technicianId' | 'accountId' | 'policyId'>): Grant {
    const now = this.clock.now();
    const startsAt = now + (wish.startsInMs ?? 0);
    const expiresAt = startsAt + (wish.lastsMs ?? 30 * MINUTE);
    return {
      ...UNBEGUN,
      ...of,
      ...this.customer,
      id: idOf(this.ids.uuid()),
      requestId: idOf(this.ids.uuid()),
      approved: entitlementOf(wish),
      credential: wish.credential ?? 'pass',
      endAction: wish.endAction ?? 'disable',
      startsAt,
      expiresAt,
      latestExpiresAt: expiresAt + 60 * MINUTE,
      createdAt: now,
    };
  }

  private async technician(name: string): Promise<TechnicianId> {
    const known = this.#technicians.get(name);
    if (known !== undefined) return known;
    const id: TechnicianId = idOf(this.ids.uuid());
    await this.unitOfWork.inOrganization(ORGANIZATION, (stores) =>
      stores.technicians.insert({
        id,
        organizationId: ORGANIZATION,
        username: name,
        displayName: name,
        role: 'technician',
        state: 'active',
        createdAt: this.clock.now(),
      }),
    );
    this.#technicians.set(name, id);
    return id;
  }

  private async account(name: string, technicianId: TechnicianId): Promise<AccountId> {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account = newAccount({
      id: idOf(this.ids.uuid()),
      technicianId,
      upn: this.upn(name),
      createdAt: this.clock.now(),
    });
    const marker = markerOf(this.box, {
      organizationId: ORGANIZATION,
      tenantId: TENANT,
      accountId: account.id,
      upn: account.upn,
    });
    await this.unitOfWork.inOrganization(ORGANIZATION, (stores) =>
      stores.accounts.insert({ ...account, marker }),
    );
    this.#accounts.set(name, account.id);
    return account.id;
  }

  private async policy(wish: GrantWish): Promise<PolicyId> {
    const id: PolicyId = idOf(this.ids.uuid());
    await this.unitOfWork.inOrganization(ORGANIZATION, (stores) =>
      stores.policies.insert({
        id,
        organizationId: ORGANIZATION,
        customerId: CUSTOMER,
        name: `policy ${id}`,
        gives: entitlementOf(wish),
        credential: wish.credential ?? 'pass',
        endAction: wish.endAction ?? 'disable',
        defaultDurationSeconds: 3_600,
        maximumDurationSeconds: 7_200,
        ...{ reason: 'optional', ticket: 'off', ticketPatterns: [], allowedHours: null },
        technicianGroups: [],
        state: 'active',
        version: 1,
        createdAt: this.clock.now(),
      }),
    );
    return id;
  }

  upn(name = 'alice'): string {
    return `jit-${name}@${TENANT}.example`;
  }

  /** What Entra has under the technician's name. */
  user(name = 'alice') {
    return this.tenant.user(this.upn(name));
  }

  grantRow(id: GrantId): Grant {
    const found = this.unitOfWork.peek().grants.find((grant) => grant.id === id);
    if (found === undefined) throw new Error(`No grant ${id}.`);
    return found;
  }

  accountRow(name = 'alice'): ManagedAccount {
    const id = this.#accounts.get(name);
    const found = this.unitOfWork.peek().accounts.find((account) => account.id === id);
    if (found === undefined) throw new Error(`No account of ${name}.`);
    return found;
  }

  /** Ends a grant as its technician would. */
  async end(id: GrantId): Promise<void> {
    await this.unitOfWork.inOrganization(ORGANIZATION, async (stores) => {
      const now = this.clock.now();
      const grant = this.grantRow(id);
      await stores.accounts.intend([grant.accountId], { dueAt: now, takeAt: now });
      const actor = { kind: 'technician', id: grant.technicianId, tokenId: null } as const;
      await stores.grants.save(
        transition(grant, { what: 'end', reason: 'ended_by_technician' }, { actor, now }).grant,
      );
    });
  }

  /** Moves a grant's end later, as its technician would. */
  async extend(id: GrantId, byMs: number): Promise<void> {
    await this.unitOfWork.inOrganization(ORGANIZATION, async (stores) => {
      const grant = this.grantRow(id);
      await stores.accounts.intend([grant.accountId], { dueAt: this.clock.now() });
      await stores.grants.save({ ...grant, expiresAt: grant.expiresAt + byMs });
    });
  }

  /** One sweep, until its work is done; a failure inside it is a failure of the test. */
  async tick(): Promise<void> {
    const failures: unknown[] = [];
    const { done } = await this.sweep.due((_customer, error) => {
      failures.push(error);
    });
    await done;
    if (failures.length > 0) throw failures[0];
  }

  /** Lets time pass as the clockwork sees it: from one due instant to the next, sweeping at each, until `ms` are over. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    for (let looks = 0; ; looks += 1) {
      if (looks > MAX_LOOKS) throw new Error(`Spinning: ${JSON.stringify(this.unitOfWork.peek().accounts)}`);
      await this.tick();
      const next = this.nextDue();
      const at = Math.max(next ?? until, this.clock.now() + 20);
      if (next === null || at > until) break;
      this.clock.set(at);
    }
    this.clock.set(until);
    await this.tick();
  }

  /** One look for customers to compare, until their passes are done. */
  async compare(): Promise<void> {
    const failures: unknown[] = [];
    const { done } = await this.drift.due((_customer, error) => {
      failures.push(error);
    });
    await done;
    if (failures.length > 0) throw failures[0];
  }

  private nextDue(): Instant | null {
    const due = this.unitOfWork
      .peek()
      .accounts.flatMap(({ dueAt, claimedUntil }) =>
        dueAt === null ? [] : [Math.max(dueAt, claimedUntil ?? 0)],
      );
    return due.length === 0 ? null : Math.min(...due);
  }
}

/** More looks than any test needs: a clockwork that spins is a failure, not a wait. */
const MAX_LOOKS = 1_000;
