import type { AuthenticationMethod, ObservedRole } from '#core/accounts';
import {
  idOf,
  Secret,
  type ConnectionId,
  type GroupId,
  type Instant,
  type ObjectId,
  type RoleId,
} from '#core/shared';
import type { Cloud, EntraApp, TenantCapabilities } from '#core/tenancy';

/** What a fake tenant accepts unless its spec says otherwise: use the same in an `EntraConnection` under test. */
export const FAKE_CLIENT_ID = '11111111-1111-4111-8111-111111111111';
export const FAKE_CREDENTIAL = 'the-secret-of-the-fake-app';

/** All that Curfew asks an administrator to consent to. */
export const FAKE_PERMISSIONS: readonly string[] = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthenticationMethod.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Directory.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
];

/** Two of them are only recommended; without the first, passes need another in its stead. */
const RECOMMENDED = ['UserAuthenticationMethod.ReadWrite.All', 'Directory.Read.All'];
const NEEDED: readonly (readonly string[])[] = [
  ['UserAuthMethod-TAP.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All'],
  ...FAKE_PERMISSIONS.filter((name) => !RECOMMENDED.includes(name)).map((name) => [name]),
];

/** A group as the customer set it up. A role-assignable one makes its members protected, as a role does. */
export interface FakeGroup {
  readonly roleAssignable?: boolean;
  /** Dynamic, mail-enabled or synced: nobody can add or remove members through Graph. */
  readonly managedElsewhere?: boolean;
}

/** How to set a fake tenant up; everything but the id has a default that lets all calls through. */
export interface FakeTenantSpec {
  readonly tenantId: string;
  readonly displayName?: string;
  readonly cloud?: Cloud;
  readonly clientId?: string;
  readonly credential?: string;
  /** The first is the one for accounts. Default: `<tenantId>.example`. */
  readonly domains?: readonly string[];
  readonly permissions?: readonly string[];
  readonly mayTouchRoleHolders?: boolean;
  readonly pass?: TenantCapabilities['pass'];
  readonly groups?: Readonly<Record<string, FakeGroup>>;
  /** How long reads, and calls against a new user, lag behind writes. Default 0. */
  readonly lagMs?: number;
}

/** A user object at one moment. */
export interface FakeUser {
  readonly objectId: ObjectId;
  readonly upn: string;
  readonly displayName: string;
  /** Null: the object is somebody else's. */
  readonly marker: string | null;
  readonly enabled: boolean;
  readonly password: string | null;
  readonly assignments: readonly ObservedRole[];
  readonly groups: readonly GroupId[];
  /** Without the password; a pass is one of them. */
  readonly methods: readonly AuthenticationMethod[];
  readonly sessionsValidFromAt: Instant | null;
  readonly passwordChangedAt: Instant | null;
}

/** The same with the roles as plain ids, for expectations. */
export type FakeUserView = FakeUser & { readonly roles: readonly RoleId[] };

const defaultsFor = (tenantId: string): Required<FakeTenantSpec> => ({
  tenantId,
  displayName: `Tenant ${tenantId}`,
  cloud: 'global',
  clientId: FAKE_CLIENT_ID,
  credential: FAKE_CREDENTIAL,
  domains: [`${tenantId}.example`],
  permissions: FAKE_PERMISSIONS,
  mayTouchRoleHolders: true,
  pass: { minimumMinutes: 10, maximumMinutes: 480, onceOnly: false },
  groups: {},
  lagMs: 0,
});

type Version = { readonly at: Instant; readonly user: FakeUser | null };

const viewOf = (user: FakeUser): FakeUserView => ({
  ...user,
  roles: user.assignments.map((held) => held.roleId),
});

/**
 * One customer's tenant in memory. The mutable fields are switches for tests and take effect with the next call.
 * `user`, `users` and `everyone` show the newest truth, whatever the lag; the directory's own reads are `lagged`.
 */
export class FakeTenant {
  readonly tenantId: string;
  readonly displayName: string;
  readonly cloud: Cloud;
  readonly domains: readonly string[];
  clientId: string;
  credential: string;
  permissions: Set<string>;
  mayTouchRoleHolders: boolean;
  pass: TenantCapabilities['pass'];
  lagMs: number;
  readonly groups = new Map<GroupId, FakeGroup>();
  readonly #histories = new Map<ObjectId, Version[]>();
  readonly #now: () => Instant;
  #made = 0;

  constructor(spec: FakeTenantSpec, now: () => Instant) {
    const full = { ...defaultsFor(spec.tenantId), ...spec };
    this.tenantId = full.tenantId;
    this.displayName = full.displayName;
    this.cloud = full.cloud;
    this.domains = full.domains;
    this.clientId = full.clientId;
    this.credential = full.credential;
    this.permissions = new Set(full.permissions);
    this.mayTouchRoleHolders = full.mayTouchRoleHolders;
    this.pass = full.pass;
    this.lagMs = full.lagMs;
    this.#now = now;
    for (const [id, group] of Object.entries(full.groups)) this.groups.set(idOf(id), group);
  }

  /** An opened connection that this tenant accepts, for calling the directory without the rest of the core. */
  app(): EntraApp {
    return {
      connectionId: idOf<'connection'>(`connection-of-${this.tenantId}`) satisfies ConnectionId,
      version: 1,
      cloud: this.cloud,
      tenantId: this.tenantId,
      clientId: this.clientId,
      credential: { kind: 'secret', value: new Secret(this.credential) },
    };
  }

  /** One of these was consented to. */
  permitsAny(names: readonly string[]): boolean {
    return names.some((name) => this.permissions.has(name));
  }

  missingPermissions(): readonly string[] {
    return NEEDED.flatMap((names) => (this.permitsAny(names) ? [] : names.slice(0, 1)));
  }

  recommendedPermissions(): readonly string[] {
    return RECOMMENDED.filter((name) => !this.permissions.has(name));
  }

  addGroup(id: string, group: FakeGroup = {}): GroupId {
    this.groups.set(idOf(id), group);
    return idOf(id);
  }

  /** The newest state of a user, by UPN (letter case doesn't matter) or object id; null when there is none. */
  user(upnOrId: string): FakeUserView | null {
    return this.users().find((user) => user.objectId === upnOrId || sameName(user.upn, upnOrId)) ?? null;
  }

  /** All users that exist now, in the order of their making. */
  users(): readonly FakeUserView[] {
    return [...this.#histories.values()].flatMap((versions) => {
      const user = versions.at(-1)?.user ?? null;
      return user === null ? [] : [viewOf(user)];
    });
  }

  /** Puts a user there that Curfew did not make (no marker unless given), visible at once. */
  plantUser(upn: string, state: Partial<Omit<FakeUser, 'objectId' | 'upn'>> = {}): ObjectId {
    const user: FakeUser = {
      ...BLANK,
      displayName: upn,
      enabled: true,
      ...state,
      objectId: this.nextId('user'),
      upn,
    };
    this.#histories.set(user.objectId, [{ at: Number.NEGATIVE_INFINITY, user }]);
    return user.objectId;
  }

  /**
   * What an administrator does behind Curfew's back: `tenant.inPortal(upn, { enabled: true })`, or `null` to delete.
   * Throws when there is no such user.
   */
  inPortal(upnOrId: string, change: Partial<Omit<FakeUser, 'objectId'>> | null): void {
    const user = this.user(upnOrId);
    if (user === null) throw new Error(`No user ${upnOrId} in ${this.tenantId}.`);
    this.write(user.objectId, change === null ? null : { ...user, ...change });
  }

  /** The user as reads see it: `undefined` when no replica knows of it (yet, or any more). */
  lagged(objectId: ObjectId): FakeUser | undefined {
    const seen = (this.#histories.get(objectId) ?? []).filter(({ at }) => at + this.lagMs <= this.#now());
    return seen.at(-1)?.user ?? undefined;
  }

  /** All users as reads see them. */
  everyoneLagged(): readonly FakeUser[] {
    return [...this.#histories.keys()].flatMap((id) => this.lagged(id) ?? []);
  }

  /** Appends a new state of one user, or its end. The fake's own calls go through here. */
  write(objectId: ObjectId, user: FakeUser | null): void {
    const versions = this.#histories.get(objectId) ?? [];
    versions.push({ at: this.#now(), user });
    this.#histories.set(objectId, versions);
  }

  /** Ids look like Entra's and are the same in each run. */
  nextId(kind: 'user' | 'pass'): ObjectId {
    this.#made += 1;
    const prefix = kind === 'user' ? '00000000' : '0000aaaa';
    return idOf(`${prefix}-0000-4000-8000-${String(this.#made).padStart(12, '0')}`);
  }
}

const BLANK: Omit<FakeUser, 'objectId' | 'upn' | 'displayName'> = {
  marker: null,
  enabled: false,
  password: null,
  assignments: [],
  groups: [],
  methods: [],
  sessionsValidFromAt: null,
  passwordChangedAt: null,
};

/** UPNs are unique whatever their letter case. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
