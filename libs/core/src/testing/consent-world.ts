import { ConnectCustomer } from '../access/index.js';
import { DirectoryError, type Directory, type TenantInspection } from '../accounts/index.js';
import type { AuditAction } from '../audit/index.js';
import {
  ConfirmConsent,
  ConnectByOrganizationApp,
  MakeConsentLink,
  ProveConsent,
  SetOrganizationApp,
  TellConsent,
  WithdrawConsent,
  type ConnectByOrganizationAppCommand,
  type MakeConsentLinkCommand,
  type TellConsentCommand,
  type ToldConsent,
} from '../consenting/index.js';
import { HOUR, MINUTE, Secret, type CustomerId } from '../shared/index.js';
import type { Consent, Customer, EntraApp, EntraConnection, OrganizationApp } from '../tenancy/index.js';
import { FakeCertificates } from './fake-certificates.js';
import { FakeClock } from './fake-clock.js';
import { FAKE_CLIENT_ID, FAKE_CREDENTIAL, type FakeTenant } from './fake-directory-tenant.js';
import { FakeDirectory } from './fake-directory.js';
import { FakeIds } from './fake-ids.js';
import { FakeJobQueue } from './fake-job-queue.js';
import { FakeSecretBox } from './fake-secret-box.js';
import { InMemoryUnitOfWork } from './in-memory-unit-of-work.js';
import { aCustomer, aWorld, NOON, type World } from './unit-of-work.samples.js';

/** The tenant of the organization itself, in which its app is registered. */
export const HOME = '44444444-0000-4000-8000-000000000044';
/** The tenant of the customer. */
const TENANT = '99999999-2222-4333-8444-555555555555';
/** Somebody else's. */
export const OTHER_TENANT = '77777777-2222-4333-8444-555555555555';
export const DOMAIN = 'fabrikam.onmicrosoft.com';
export const SHARED_APP = '33333333-3333-4333-8333-333333333333';
export const SHARED_SECRET = "the secret of the organization's app";

/** What a set of an app may be changed in. */
type AppWish = Partial<Parameters<SetOrganizationApp['execute']>[0]>;

class HeldDirectory extends FakeDirectory {
  meanwhile: () => Promise<void> = () => Promise.resolve();
  /** With this Entra's own code sign-in refuses whoever asks; null: it doesn't. */
  refusing: string | null = null;
  asked: EntraApp[] = [];

  override async inspect(...args: Parameters<Directory['inspect']>): Promise<TenantInspection> {
    this.asked.push(args[0]);
    const { meanwhile } = this;
    this.meanwhile = () => Promise.resolve();
    await meanwhile();
    if (this.refusing !== null) throw refusedWith(this.refusing);
    return super.inspect(...args);
  }
}

const refusedWith = (code: string): DirectoryError =>
  new DirectoryError('credential_bad', `${code}: refused.`, {
    ...{ retry: 'later', workload: 'sign-in', status: 400, code },
    ...{ retryAfterSeconds: null, requestId: null },
  });

/** An organization with a customer that is not connected, whose tenant has consented to the organization's app. */
export class ConsentWorld {
  readonly clock = new FakeClock(NOON);
  readonly ids = new FakeIds();
  readonly queue = new FakeJobQueue();
  readonly box = new FakeSecretBox();
  readonly certificates = new FakeCertificates();
  readonly federatedOrganization = null;
  readonly unitOfWork = new InMemoryUnitOfWork();
  readonly directory = new HeldDirectory(() => this.clock.now());
  readonly world: World = aWorld(this.ids);
  readonly home: FakeTenant;
  readonly tenant: FakeTenant;
  readonly tenantId = TENANT;

  private constructor() {
    this.home = this.directory.addTenant({ tenantId: HOME });
    this.tenant = this.directory.addTenant({ tenantId: TENANT, displayName: 'Fabrikam', domains: [DOMAIN] });
    this.accept(SHARED_SECRET);
  }

  static async create(): Promise<ConsentWorld> {
    const created = new ConsentWorld();
    const { organization, customer } = created.world;
    await created.unitOfWork.inOrganization(organization.id, async (stores) => {
      await stores.organizations.insert(organization);
      await stores.customers.insert(customer);
    });
    return created;
  }

  get organizationId(): World['organization']['id'] {
    return this.world.organization.id;
  }

  get customerId(): CustomerId {
    return this.world.customer.id;
  }

  get ofApp() {
    return { organizationId: this.organizationId, cloud: 'global', actor: { kind: 'console' } } as const;
  }

  /** What happens while a tenant is asked, once. */
  set meanwhile(work: () => Promise<void>) {
    this.directory.meanwhile = work;
  }

  /** The app proves itself by this from now on, at home and where it has consent. */
  accept(secret: string): void {
    this.home.otherApps.set(SHARED_APP, secret);
    this.tenant.otherApps.set(SHARED_APP, secret);
  }

  setApp(wish: AppWish = {}): Promise<OrganizationApp> {
    const credential = { kind: 'secret' as const, value: new Secret(SHARED_SECRET) };
    const usual = { tenantId: HOME, clientId: SHARED_APP, credential, credentialEndsAt: null };
    return new SetOrganizationApp(this).execute({ ...this.ofApp, ...usual, ...wish });
  }

  connect(wish: Partial<ConnectByOrganizationAppCommand> = {}): Promise<EntraConnection> {
    const usual = { customerId: this.customerId, tenantId: TENANT, domain: DOMAIN };
    return new ConnectByOrganizationApp(this).execute({ ...this.ofApp, ...usual, ...wish });
  }

  connectByOwnApp(customerId = this.customerId): Promise<EntraConnection> {
    return new ConnectCustomer(this).execute({
      ...this.ofApp,
      customerId,
      tenantId: TENANT,
      clientId: FAKE_CLIENT_ID,
      credential: { kind: 'secret', value: new Secret(FAKE_CREDENTIAL) },
      credentialEndsAt: null,
      domain: DOMAIN,
    });
  }

  /** The link's secret. */
  async link(wish: Partial<MakeConsentLinkCommand> = {}): Promise<string> {
    const usual = { customerId: this.customerId, tenantId: TENANT, domain: DOMAIN, ttlMs: HOUR };
    const { state } = await new MakeConsentLink(this).execute({ ...this.ofApp, ...usual, ...wish });
    return state.expose();
  }

  /** Somebody comes back from Entra with this. */
  comeBack(state: string, says: Partial<TellConsentCommand> = {}): Promise<ToldConsent> {
    const yes = { tenant: TENANT, adminConsent: 'True', error: undefined, errorDescription: undefined };
    return new TellConsent(this).execute({ state, ...yes, ...says });
  }

  /** The worker's pass. */
  prove(): Promise<void> {
    return new ProveConsent(this).sweep((_, error) => {
      throw error;
    });
  }

  confirm(
    tenantId: string = TENANT,
    domain = DOMAIN,
    customerId = this.customerId,
  ): Promise<EntraConnection> {
    return new ConfirmConsent(this).execute({ ...this.ofApp, customerId, tenantId, domain });
  }

  withdraw(customerId = this.customerId): Promise<Consent> {
    return new WithdrawConsent(this).execute({ ...this.ofApp, customerId });
  }

  consent(customerId = this.customerId): Promise<Consent | null> {
    return this.unitOfWork.inOrganization(this.organizationId, ({ consents }) =>
      consents.ofCustomer(customerId),
    );
  }

  async newCustomer(wish: Partial<Customer> = {}): Promise<CustomerId> {
    const customer = { ...aCustomer(this.ids, this.world), ...wish };
    await this.unitOfWork.inOrganization(this.organizationId, ({ customers }) => customers.insert(customer));
    return customer.id;
  }

  throttleSignIn(): Promise<void> {
    const throttle = { workload: 'sign-in', until: this.clock.now() + MINUTE, reason: 'refused' } as const;
    return this.unitOfWork.inOrganization(this.organizationId, ({ customers }) =>
      customers.throttle(this.customerId, throttle),
    );
  }

  app(): Promise<OrganizationApp | null> {
    return this.unitOfWork.inOrganization(this.organizationId, ({ organizationApps }) =>
      organizationApps.inCloud('global'),
    );
  }

  connection(customerId = this.customerId): Promise<EntraConnection | null> {
    return this.unitOfWork.inOrganization(this.organizationId, ({ connections }) =>
      connections.ofCustomer(customerId),
    );
  }

  actions(): readonly AuditAction[] {
    return this.unitOfWork.peek().audit.map(({ action }) => action);
  }
}
