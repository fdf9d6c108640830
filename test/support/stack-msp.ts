import { randomUUID } from 'node:crypto';
import type { AppSpec, TenantSpec } from './simulator.js';
import type { CurfewApi, Grant } from './stack-api.js';
import type { TestStack } from './stack.js';
import { tokensOfNewTechnicians } from './stack-people.js';
import { until } from './stack-until.js';

export const HELPDESK_ADMINISTRATOR = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
export const USER_ADMINISTRATOR = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const READY_MS = 60_000;
const SLUG = 'acme-msp';

/** What docs/permissions.md asks for. */
export const CONSENTED: readonly string[] = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthMethod-TAP.ReadWrite.All',
  'UserAuthenticationMethod.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Directory.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
];

/** A tenant of the simulator in which Curfew's app is consented to. */
export interface Tenant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
  readonly domain: string;
  readonly groupId: string;
}

export interface ConnectedCustomer extends Tenant {
  readonly customerId: string;
}

export interface PolicyTerms {
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly unitRoles?: readonly { readonly roleId: string; readonly unitId: string }[];
  readonly groups?: readonly string[];
  readonly credential?: 'pass' | 'password' | 'both';
  readonly maximumDurationSeconds?: number;
}

/** One organization with an owner and a technician, and as many customers as a journey wants. */
export class TestMsp {
  readonly owner: CurfewApi;
  readonly technician: CurfewApi;

  private constructor(
    private readonly stack: TestStack,
    /** Secrets, to look for where they must not be. */
    readonly tokens: { readonly owner: string; readonly technician: string },
  ) {
    this.owner = stack.api(tokens.owner);
    this.technician = stack.api(tokens.technician);
  }

  static async create(stack: TestStack): Promise<TestMsp> {
    const slug = SLUG;
    await stack.console('organization', 'create', slug, '--name', 'Acme MSP');
    const person = async (username: string, role: string): Promise<string> => {
      await stack.console('technician', 'create', slug, username, '--name', username, '--role', role);
      return stack.console('token', 'create', slug, username);
    };
    const [owner, technician] = await Promise.all([person('olivia', 'owner'), person('theo', 'technician')]);
    return new TestMsp(stack, { owner, technician });
  }

  /** More technicians at once than a console could make in that time, by what the console itself calls. */
  async technicians(usernames: readonly string[]): Promise<readonly CurfewApi[]> {
    return (await this.tokensOf(usernames)).map((token) => this.stack.api(token));
  }

  /** New technicians as well, by their tokens. */
  tokensOf(usernames: readonly string[]): Promise<readonly string[]> {
    return tokensOfNewTechnicians(this.stack.environment, { slug: SLUG, usernames });
  }

  /** A tenant by its spec; Curfew's app is added, with consent to everything it asks for unless told otherwise. */
  async tenant(name: string, spec: TenantSpec = {}, app: Partial<AppSpec> = {}): Promise<Tenant> {
    const tenantId = randomUUID();
    const clientId = randomUUID();
    const secret = `planted-${name}-${randomUUID()}`;
    const domain = `${name}.example`;
    const truth = await this.stack.simulator.makeTenant(tenantId, {
      domains: [{ name: domain }],
      groups: [{ displayName: 'Operators' }],
      ...spec,
      apps: [
        {
          clientId,
          secrets: [{ value: secret }],
          permissions: [...CONSENTED],
          directoryRoles: ['Privileged Authentication Administrator'],
          ...app,
        },
      ],
    });
    return { tenantId, clientId, secret, domain, groupId: truth.groups[0]?.id ?? '' };
  }

  async customer(name: string, spec: TenantSpec = {}): Promise<ConnectedCustomer> {
    const tenant = await this.tenant(name, spec);
    const { id } = await this.owner.post<{ id: string }>('/customers', { name });
    await this.connect(id, tenant);
    return { ...tenant, customerId: id };
  }

  connect(customerId: string, tenant: Tenant, secret = tenant.secret): Promise<{ version: number }> {
    const { tenantId, clientId, domain } = tenant;
    const credential = { kind: 'secret', value: secret };
    return this.owner.put(`/customers/${customerId}/entra-connection`, {
      cloud: 'custom',
      tenantId,
      clientId,
      credential,
      domain,
    });
  }

  /** Answers its id. */
  async policy(customer: ConnectedCustomer, terms: PolicyTerms = {}): Promise<string> {
    const { id } = await this.owner.post<{ id: string }>('/access-policies', {
      customerId: customer.customerId,
      name: 'Helpdesk',
      roles: [HELPDESK_ADMINISTRATOR],
      defaultDurationSeconds: 30,
      maximumDurationSeconds: 3_600,
      ...terms,
    });
    return id;
  }

  /** A grant of the technician that has become active. */
  async activeGrant(customer: ConnectedCustomer, policyId: string, durationSeconds = 600): Promise<Grant> {
    const { customerId } = customer;
    const { id } = await this.technician.request({ customerId, policyId, durationSeconds });
    return this.reaches(id, 'active');
  }

  /** The grant once it is in that state. */
  reaches(grantId: string, state: Grant['state'], timeoutMs = READY_MS): Promise<Grant> {
    return until(
      () => this.technician.grant(grantId),
      (grant) => grant.state === state,
      { what: `grant ${grantId} is ${state}`, timeoutMs },
    );
  }
}
