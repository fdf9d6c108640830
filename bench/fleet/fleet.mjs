// Many customers with running grants, planted past the product: giving ten thousand through it would take an hour.
import { createHash } from 'node:crypto';
import { openAdapters } from '#composition';
import { markerOf } from '#core/accounts';
import { CreateApiToken, CreateOrganization, CreateTechnician } from '#core/identity';
import { idOf, Secret } from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import { createLogger, readApiConfig } from '#platform';
import { curfewApi } from '../../scripts/lib/curfew-api.mjs';
import { insertFleet, parkAll, runAgain } from './rows.mjs';
import { makeTenants, ROLE } from './tenants.mjs';

const QUEUE_FAREWELL_MS = 1_000;
const DAY_SECONDS = 86_400;

/** The same id for the same thing, in every run. */
const idFor = (...of) => {
  const hex = createHash('sha256').update(of.join('/')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export class Fleet {
  #parts;

  constructor(parts) {
    this.#parts = parts;
  }

  /** Every technician gets an account and a grant at every customer. */
  static async plant({ stack, simulator, database, size }) {
    const { organizationId, owner, technician, tokenFor, box, close } = await openOrganization(
      stack.environment,
    );
    try {
      const api = { owner: curfewApi(stack.api, owner), technician: curfewApi(stack.api, technician) };
      const policy = await api.owner.post('/access-policies', POLICY);
      const technicians = range(size.each).map((at) => ({
        id: idFor('technician', at),
        username: `fleet${at}`,
        display_name: `Fleet ${at}`,
      }));
      const customers = range(size.customers).map((at) =>
        customerOf({ at, organizationId, technicians, box }),
      );
      const now = Date.now();
      await insertFleet(database, { organizationId, policyId: policy.id, technicians, customers, now });
      // Has a grant at every customer.
      const member = await tokenFor(technicians[0].id);
      const tokens = { owner, technician, member };
      return new Fleet({ simulator, database, customers, organizationId, api, tokens, policy });
    } finally {
      await close();
    }
  }

  get customers() {
    return this.#parts.customers;
  }

  get organizationId() {
    return this.#parts.organizationId;
  }

  get api() {
    return this.#parts.api;
  }

  get tokens() {
    return this.#parts.tokens;
  }

  /**
   * All grants run again, whatever was of them; each ends when `endOf(customer's place, account's place)` says.
   * @returns the ends, by object id
   */
  async run(endOf) {
    const { simulator, database, customers } = this.#parts;
    await this.#putOffComparing();
    const assignments = await makeTenants(simulator, customers);
    const ends = customers.flatMap((customer, place) =>
      customer.accounts.map((account, at) => ({
        account: account.id,
        objectId: account.objectId,
        grantId: account.grantId,
        tenantId: customer.tenantId,
        customerAt: place,
        expiresAt: endOf(place, at),
      })),
    );
    await runAgain(database, { ends, assignments, role: ROLE, now: Date.now() });
    return new Map(ends.map((end) => [end.objectId, end]));
  }

  /** Every grant has ended, and every account is bare and disabled: nothing is ever due by itself. */
  async park() {
    const { simulator, database, customers, organizationId } = this.#parts;
    await makeTenants(simulator, customers, { parked: true });
    await parkAll(database, organizationId);
  }

  /** The tenants alone, for whoever works on them without Curfew. */
  async refill() {
    await this.#putOffComparing();
    await makeTenants(this.#parts.simulator, this.#parts.customers);
  }

  /** Whoever compares a tenant that was made anew with rows that were not yet finds intruders in it, and disables them. */
  async #putOffComparing() {
    await this.#parts.database.query(
      `UPDATE customer_drift SET due_at = greatest(due_at, now() + interval '90 seconds')`,
    );
  }

  /** How many accounts still have something to be taken away, or are being worked on. */
  async unfinished() {
    const { rows } = await this.#parts.database.query(
      `SELECT count(*)::int AS count FROM managed_account
        WHERE take_at <= now() OR claimed_until > now() OR due_at <= now()`,
    );
    return rows[0].count;
  }
}

const range = (length) => Array.from({ length }, (_, at) => at);

const POLICY = {
  customerId: null,
  name: 'Fleet',
  roles: [ROLE],
  groups: [],
  credential: 'pass',
  defaultDurationSeconds: DAY_SECONDS / 2,
  maximumDurationSeconds: DAY_SECONDS / 2,
};

const customerOf = ({ at, organizationId, technicians, box }) => {
  const name = `customer${at}`;
  const connection = { organizationId, id: idFor('connection', at), version: 1 };
  const secret = `planted-${idFor('secret', at)}`;
  const tenantId = idFor('tenant', at);
  const domain = `${name}.example`;
  const accountOf = ({ id: technicianId, username, display_name: displayName }) => {
    const id = idFor('account', at, username);
    const upn = `jit-${username}@${domain}`;
    return {
      ...{ id, upn, displayName, technicianId },
      objectId: idFor('object', at, username),
      grantId: idFor('grant', at, username),
      requestId: idFor('request', at, username),
      marker: markerOf(box, { organizationId, tenantId, accountId: idOf(id), upn }),
    };
  };
  return {
    ...{ id: idFor('customer', at), name, tenantId, domain, secret },
    clientId: idFor('client', at),
    connection: connection.id,
    sealed: box.seal(new Secret(secret), credentialPlace(connection)),
    accounts: technicians.map(accountOf),
  };
};

/** An organization and two people, by the same use cases as at the console; and the box that its secrets are sealed with. */
const openOrganization = async (environment) => {
  const logger = createLogger({ name: 'bench', level: 'error' });
  const adapters = await openAdapters(readApiConfig({ ...process.env, ...environment }), logger);
  const { ports } = adapters;
  await adapters.refreshClock();
  const actor = { kind: 'console' };
  const { id } = await new CreateOrganization(ports).execute({
    slug: 'acme-msp',
    name: 'Acme MSP',
    prefix: 'jit-',
  });
  const by = { organizationId: id, actor };
  const tokenFor = async (technicianId) => {
    const order = { ...by, technicianId, role: null, days: 1 };
    return (await new CreateApiToken(ports).execute(order)).token.expose();
  };
  const tokenOf = async (username, role) =>
    tokenFor(
      (await new CreateTechnician(ports).execute({ ...by, username, displayName: username, role })).id,
    );
  return {
    organizationId: id,
    owner: await tokenOf('olivia', 'owner'),
    technician: await tokenOf('theo', 'technician'),
    tokenFor,
    box: ports.box,
    close: () => adapters.close(QUEUE_FAREWELL_MS),
  };
};
