import pg from 'pg';
import { RequestAccess, type AccessPolicy, type AllStores } from '#core/access';
import { Converge, ConvergeCustomer, type ConvergencePorts } from '#core/convergence';
import type { Grant } from '#core/grants';
import { idOf, Secret, type Clock, type CustomerRef, type GrantId, type PolicyId } from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import {
  aWorld,
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
} from '#core/testing';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { openDatabase, type Database, type DatabaseOptions } from '../database.js';

const HOUR_SECONDS = 3_600;

/** One customer with policies, and the fake tenant behind it. */
export interface GroundCustomer extends CustomerRef {
  readonly tenantId: string;
  readonly policies: readonly AccessPolicy[];
}

/** The machine's time, which may be put forward; every process of the ground reads it, some a little off. */
export class SlidingClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** To this instant, if that is later. */
  forwardTo(at: number): void {
    this.#aheadMs += Math.max(0, at - this.now());
  }

  off(ms: number): Clock {
    return { now: () => this.now() + Math.round(ms) };
  }
}

/** The use cases on a real PostgreSQL and a fake Graph: where what two do at the same moment is proven. */
export class ProvingGround {
  readonly clock = new SlidingClock();
  readonly directory = new FakeDirectory(() => this.clock.now());
  readonly ids = new FakeIds();
  readonly box = new FakeSecretBox();
  readonly queue = new FakeJobQueue();
  readonly people = aWorld(this.ids);
  readonly organizationId = this.people.organization.id;
  readonly actor = { kind: 'technician', id: this.people.technician.id, tokenId: null } as const;
  readonly #place: TestDatabase;
  readonly database: Database;
  readonly #others: Database[] = [];
  #technicians = 0;

  private constructor(place: TestDatabase) {
    this.#place = place;
    const { app, clockwork } = place.urls;
    this.database = openDatabase({ appUrl: app, clockworkUrl: clockwork });
  }

  static async open(): Promise<ProvingGround> {
    const ground = new ProvingGround(await testDatabase());
    const { organization, technician } = ground.people;
    await ground.within(async (stores) => {
      await stores.organizations.insert(organization);
      await stores.technicians.insert(technician);
    });
    return ground;
  }

  get ports(): ConvergencePorts {
    return this.with(this.database.unitOfWork);
  }

  /** The same database as another process has it, closed with the ground. */
  another(options: Pick<DatabaseOptions, 'statementMs' | 'silenceMs' | 'sweepConnections'>): Database {
    const { app, clockwork } = this.#place.urls;
    const other = openDatabase({ appUrl: app, clockworkUrl: clockwork, ...options });
    this.#others.push(other);
    return other;
  }

  /** The ports of one process. */
  with(unitOfWork: ConvergencePorts['unitOfWork'], clock: Clock = this.clock): ConvergencePorts {
    const { directory, queue, ids, box } = this;
    return { unitOfWork, directory, queue, clock, ids, box };
  }

  within<T>(work: (stores: AllStores) => Promise<T>): Promise<T> {
    return this.database.unitOfWork.inOrganization(this.organizationId, work);
  }

  async customer(name: string, policies = 1): Promise<GroundCustomer> {
    const { ids, organizationId } = this;
    const tenantId = ids.uuid();
    const customer = { ...this.people.customer, id: idOf<'customer'>(ids.uuid()), name };
    this.directory.addTenant({ tenantId, domains: [`${name}.example`], groups: { 'group 1': {} } });
    const identity = { organizationId, id: idOf<'connection'>(ids.uuid()), version: 1 };
    const made = Array.from({ length: policies }, (_, index) => this.policy(customer.id, `Policy ${index}`));
    await this.within(async (stores) => {
      await stores.customers.insert(customer);
      await stores.connections.save(
        {
          ...this.people.connection,
          ...identity,
          customerId: customer.id,
          tenantId,
          clientId: FAKE_CLIENT_ID,
          credentialKind: 'secret',
          sealedCredential: this.box.seal(new Secret(FAKE_CREDENTIAL), credentialPlace(identity)),
          domain: `${name}.example`,
        },
        null,
      );
      for (const policy of made) await stores.policies.insert(policy);
    });
    return { organizationId, customerId: customer.id, tenantId, policies: made };
  }

  private policy(customerId: AccessPolicy['customerId'], name: string): AccessPolicy {
    return {
      ...this.people.policy,
      id: idOf<'policy'>(this.ids.uuid()),
      customerId,
      name,
      gives: { roles: [idOf('88d8e3e3-8f55-4a1e-953a-9b9898b8876b')], groups: [idOf('group 1')] },
      credential: 'pass',
      reason: 'off',
      ticket: 'off',
      ticketPatterns: [],
      allowedHours: null,
      defaultDurationSeconds: HOUR_SECONDS,
      maximumDurationSeconds: 2 * HOUR_SECONDS,
    };
  }

  /** A technician of its own asks, so that accounts don't meet. */
  async request(
    { customerId, policies }: GroundCustomer,
    wish: {
      readonly durationSeconds?: number;
      readonly startsAt?: number;
      readonly policyId?: PolicyId;
    } = {},
  ): Promise<Grant> {
    const username = `t${(this.#technicians += 1)}`;
    const technician = { ...this.people.technician, id: idOf<'technician'>(this.ids.uuid()), username };
    await this.within((stores) => stores.technicians.insert(technician));
    const { unitOfWork } = this.database;
    const { queue, clock, ids, box, organizationId, actor } = this;
    const asked = await new RequestAccess({ unitOfWork, queue, clock, ids, box }).execute({
      organizationId,
      technicianId: technician.id,
      customerId,
      policyId: wish.policyId ?? policies[0]?.id ?? idOf(''),
      durationSeconds: wish.durationSeconds ?? HOUR_SECONDS,
      startsAt: wish.startsAt ?? null,
      reason: null,
      ticket: null,
      actor,
      idempotency: null,
    });
    return this.grant(asked.grantId ?? idOf(''));
  }

  async grant(id: GrantId): Promise<Grant> {
    const grant = await this.within((stores) => stores.grants.get(id));
    if (grant === null) throw new Error(`No grant ${id}.`);
    return grant;
  }

  /** A worker's converge, by these ports or the ground's own. */
  worker(ports: ConvergencePorts = this.ports): ConvergeCustomer {
    return new ConvergeCustomer(ports, new Converge(ports));
  }

  /** What Entra has for a grant's account. */
  async user(customer: GroundCustomer, grant: Pick<Grant, 'accountId'>) {
    const account = await this.within((stores) => stores.accounts.get(grant.accountId));
    return this.directory.tenant(customer.tenantId).user(account?.upn ?? '');
  }

  /** What the audit log says about these grants, in order. */
  audit(ids: readonly GrantId[]): Promise<readonly { readonly grantId: string; readonly action: string }[]> {
    return this.asAdmin(async (client) => {
      const { rows } = await client.query<{ grantId: string; action: string }>(
        `SELECT subject_id AS "grantId", action FROM audit_event WHERE subject_id = ANY($1) ORDER BY sequence`,
        [ids],
      );
      return rows;
    });
  }

  /** Past every rule of the product. */
  async asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.#place.urls.admin });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.database, ...this.#others].map((each) => each.close()));
    await this.#place.drop();
  }
}
