import { RequestAccess } from '#core/access';
import { ExtendGrant } from '#core/grants';
import {
  DomainError,
  idOf,
  Secret,
  type OrganizationId,
  type PolicyId,
  type TechnicianId,
} from '#core/shared';
import { BullJobQueue } from '#jobs';
import { openDatabase, type Database } from '#persistence';
import { SystemIds } from '#platform';
import { LiveKeys, type LocalSecretBox } from '#secrets';
import { HELPDESK_ADMINISTRATOR, type ConnectedCustomer, type TestMsp } from './stack-msp.js';
import type { TestStack } from './stack.js';
import { until } from './stack-until.js';

/** Requests made side by side; the pool has ten connections. */
const AT_ONCE = 8;
const DURATION_SECONDS = 3_600;
const TRIES = 5;

export interface FleetGrant {
  readonly grantId: string;
  readonly accountId: string;
  readonly tenantId: string;
  readonly upn: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * More grants than anybody would ask for one by one: each technician gets one at each customer, by the use case that the
 * API calls, on the stack's own database and queue.
 */
export class Fleet {
  readonly #database: Database;
  readonly #queue: BullJobQueue;
  readonly #request: RequestAccess;
  readonly #extend: ExtendGrant;
  private readonly policyId: PolicyId;
  readonly #tenants = new Map<string, string>();
  readonly #customers: ConnectedCustomer[] = [];
  #technicians: readonly TechnicianId[] = [];

  private constructor(
    private readonly stack: TestStack,
    private readonly organizationId: OrganizationId,
    { policyId, box }: { readonly policyId: PolicyId; readonly box: LocalSecretBox },
  ) {
    this.policyId = policyId;
    const { environment } = stack;
    const variable = (name: string): string => environment[name] ?? '';
    this.#database = openDatabase({
      appUrl: variable('DATABASE_URL'),
      clockworkUrl: variable('CLOCKWORK_DATABASE_URL'),
    });
    const { clock, unitOfWork } = this.#database;
    const connection = { url: new Secret(variable('QUEUE_URL')) };
    const queue = new BullJobQueue({ connection, clock, onRefused: () => undefined });
    this.#queue = queue;
    this.#request = new RequestAccess({ unitOfWork, queue, clock, ids: new SystemIds(clock), box });
    this.#extend = new ExtendGrant({ unitOfWork, queue, clock });
  }

  static async create(
    stack: TestStack,
    msp: TestMsp,
    size: { readonly customers: number; readonly technicians: number },
  ): Promise<Fleet> {
    const { id } = await msp.owner.post<{ id: string }>('/access-policies', {
      customerId: null,
      name: 'Fleet',
      roles: [HELPDESK_ADMINISTRATOR],
      defaultDurationSeconds: DURATION_SECONDS,
      maximumDurationSeconds: 2 * DURATION_SECONDS,
    });
    const organizationId = await stack.database(async (client) => {
      const { rows } = await client.query<{ id: string }>('SELECT id FROM organization');
      return idOf<'organization'>(rows[0]?.id ?? '');
    });
    const { box } = await LiveKeys.open({ file: stack.environment['CURFEW_KEY_FILE'] ?? '' });
    const fleet = new Fleet(stack, organizationId, { policyId: idOf<'policy'>(id), box });
    await fleet.#database.clock.refresh();
    const names = Array.from({ length: size.customers }, (_, index) => `fleet-${index}`);
    await sideBySide(names, async (name) => fleet.#join(await msp.customer(name)));
    await fleet.#hire(size.technicians);
    return fleet;
  }

  #join(customer: ConnectedCustomer): void {
    this.#customers.push(customer);
    this.#tenants.set(customer.customerId, customer.tenantId);
  }

  get customers(): readonly ConnectedCustomer[] {
    return this.#customers;
  }

  /** What the customers' connections hold. */
  get secrets(): readonly string[] {
    return this.#customers.map(({ secret }) => secret);
  }

  async #hire(count: number): Promise<void> {
    const { clock, unitOfWork } = this.#database;
    const ids = new SystemIds(clock);
    this.#technicians = Array.from({ length: count }, () => idOf<'technician'>(ids.uuid()));
    await unitOfWork.inOrganization(this.organizationId, async ({ technicians }) => {
      for (const [index, id] of this.#technicians.entries())
        await technicians.insert({
          id,
          organizationId: this.organizationId,
          username: `fleet${index}`,
          displayName: `Fleet ${index}`,
          role: 'technician',
          state: 'active',
          createdAt: clock.now(),
        });
    });
  }

  /** One grant for each technician at each customer, every one of them active. */
  async grants(timeoutMs: number): Promise<readonly FleetGrant[]> {
    await this.#database.clock.refresh();
    const places = [...this.#tenants.keys()].flatMap((customerId) =>
      this.#technicians.map((technicianId) => ({ customerId, technicianId })),
    );
    const ids: string[] = [];
    await sideBySide(places, async ({ customerId, technicianId }) => {
      ids.push(await this.#ask(technicianId, customerId));
    });
    return until(
      () => this.#active(ids),
      (active) => active.length === ids.length,
      { what: `${ids.length} grants are active`, timeoutMs },
    );
  }

  /** A machine that is busy with other stacks may not get to it in time: as anybody would, it asks again. */
  async #ask(technicianId: TechnicianId, customerId: string, triesLeft = TRIES): Promise<string> {
    try {
      const { grantId } = await this.#request.execute({
        organizationId: this.organizationId,
        technicianId,
        customerId: idOf(customerId),
        policyId: this.policyId,
        durationSeconds: DURATION_SECONDS,
        startsAt: null,
        reason: null,
        ticket: null,
        actor: { kind: 'technician', id: technicianId, tokenId: null },
        idempotency: null,
      });
      return grantId ?? '';
    } catch (error) {
      if (triesLeft === 0 || !(error instanceof DomainError && error.kind === 'unavailable')) throw error;
      return this.#ask(technicianId, customerId, triesLeft - 1);
    }
  }

  #active(ids: readonly string[]): Promise<readonly FleetGrant[]> {
    return this.stack.database(async (client) => {
      const { rows } = await client.query<FleetGrant & { readonly customerId: string }>(
        `SELECT g.id AS "grantId", a.id AS "accountId", a.customer_id AS "customerId", a.upn,
                (extract(epoch FROM g.expires_at) * 1000)::float AS "expiresAt"
           FROM access_grant g JOIN managed_account a ON a.id = g.account_id
          WHERE g.state = 'active' AND g.id = ANY($1) ORDER BY g.id`,
        [ids],
      );
      return rows.map(({ customerId, ...row }) => ({
        ...row,
        tenantId: this.#tenants.get(customerId) ?? '',
      }));
    });
  }

  /**
   * Moves their ends, as an extension does: the accounts are due at once, and a bell rings for them. They come one after the
   * other, evenly, from an instant on and within so many milliseconds.
   */
  async endWithin(
    grants: readonly FleetGrant[],
    { from, spreadMs }: { readonly from: number; readonly spreadMs: number },
  ): Promise<readonly FleetGrant[]> {
    const ends = grants.map((grant, index) => ({
      ...grant,
      expiresAt: Math.round(from + (index * spreadMs) / grants.length),
    }));
    const rows = ends.map(({ grantId, accountId, expiresAt }) => ({
      grant: grantId,
      account: accountId,
      at: new Date(expiresAt).toISOString(),
    }));
    await this.stack.database(async (client) => {
      await client.query('BEGIN');
      // The accounts first, as everybody locks them.
      await client.query(
        `UPDATE managed_account a SET due_at = now(), take_at = w.at, version = version + 1
           FROM jsonb_to_recordset($1::jsonb) AS w(account uuid, at timestamptz) WHERE a.id = w.account`,
        [JSON.stringify(rows)],
      );
      await client.query(
        `UPDATE access_grant g SET expires_at = w.at, version = version + 1
           FROM jsonb_to_recordset($1::jsonb) AS w("grant" uuid, at timestamptz) WHERE g.id = w."grant"`,
        [JSON.stringify(rows)],
      );
      await client.query('COMMIT');
    });
    for (const [customerId, tenantId] of this.#tenants) {
      if (!ends.some((end) => end.tenantId === tenantId)) continue;
      const { organizationId } = this;
      await this.#queue.ring({ name: 'customer.converge', organizationId, customerId: idOf(customerId) });
    }
    return ends;
  }

  /** By the use case that the API calls; the code of the refusal, or null when its end has moved. */
  async extend({ grantId }: FleetGrant, expiresAt: number): Promise<string | null> {
    const { organizationId } = this;
    const actor = { kind: 'curfew' } as const;
    try {
      await this.#extend.execute({ organizationId, grantId: idOf(grantId), expiresAt, actor });
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  }

  /** In no order. */
  statesOf(grants: readonly FleetGrant[]): Promise<readonly string[]> {
    return this.stack.database(async (client) => {
      const { rows } = await client.query<{ state: string }>(
        'SELECT state FROM access_grant WHERE id = ANY($1)',
        [grants.map(({ grantId }) => grantId)],
      );
      return rows.map(({ state }) => state);
    });
  }

  /** The names of those of these accounts that have a grant which is not closed. */
  openOf(grants: readonly FleetGrant[]): Promise<readonly string[]> {
    return this.stack.database(async (client) => {
      const { rows } = await client.query<{ upn: string }>(
        `SELECT DISTINCT a.upn FROM access_grant g JOIN managed_account a ON a.id = g.account_id
          WHERE g.id = ANY($1) AND g.state <> 'ended'`,
        [grants.map(({ grantId }) => grantId)],
      );
      return rows.map(({ upn }) => upn);
    });
  }

  async close(): Promise<void> {
    await this.#queue.close(1_000);
    await this.#database.close();
  }
}

const sideBySide = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const left = [...items];
  const failures: unknown[] = [];
  const hands = Array.from({ length: AT_ONCE }, async () => {
    try {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    } catch (error) {
      // The others end what they are at, and begin nothing more: nothing goes on behind the back of whoever is told.
      failures.push(error);
      left.length = 0;
    }
  });
  await Promise.all(hands);
  if (failures.length > 0) throw failures[0];
};
