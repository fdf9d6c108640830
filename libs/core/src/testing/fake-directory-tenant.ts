import {
  roleKeyOf,
  type AuthenticationMethod,
  type ObservedEligibility,
  type ObservedRole,
  type ObservedSchedule,
  type UserChange,
} from '#core/accounts';
import {
  idOf,
  Secret,
  type ConnectionId,
  type GroupId,
  type Instant,
  type ObjectId,
  type RoleId,
  type UnitId,
} from '#core/shared';
import type { Cloud, EntraApp, TenantCapabilities } from '#core/tenancy';

/** What a fake tenant accepts unless its spec says otherwise: use the same in an `EntraConnection` under test. */
export const FAKE_CLIENT_ID = '11111111-1111-4111-8111-111111111111';
export const FAKE_CREDENTIAL = 'the-secret-of-the-fake-app';

/** All that the port's calls can need, and with it all that Curfew asks an administrator to consent to. */
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
  'AdministrativeUnit.ReadWrite.All',
];

/** Two of them are only recommended; without the first, passes need another in its stead. */
const RECOMMENDED = ['UserAuthenticationMethod.ReadWrite.All', 'Directory.Read.All'];
/** Allowed, and not asked for: no grant puts anybody into a unit. */
const NOT_ASKED = ['AdministrativeUnit.ReadWrite.All'];
const NEEDED: readonly (readonly string[])[] = [
  ['UserAuthMethod-TAP.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All'],
  ...FAKE_PERMISSIONS.filter((name) => ![...RECOMMENDED, ...NOT_ASKED].includes(name)).map((name) => [name]),
];

/** A group as the customer set it up. A role-assignable one makes its members protected, as a role does. */
export interface FakeGroup {
  readonly roleAssignable?: boolean;
  /** Dynamic, mail-enabled or synced: nobody can add or remove members through Graph. */
  readonly managedElsewhere?: boolean;
}

/** An administrative unit. Members of a restricted one are touched only by those with a role in that unit. */
export interface FakeUnit {
  readonly restricted?: boolean;
}

/** Privileged Identity Management, as its licence and the tenant's own settings allow. */
export interface FakePim {
  /** Of a timed role; null: any. */
  readonly longestMinutes: number | null;
  /** A timed role can't be removed as any other is, but only through PIM. */
  readonly guarded?: boolean;
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
  readonly units?: Readonly<Record<string, FakeUnit>>;
  /** Null: the tenant has no licence for it. */
  readonly pim?: FakePim | null;
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
  /** For good. */
  readonly assignments: readonly ObservedRole[];
  /** With an end; those that are over hold no more, and those that have yet to begin not yet. */
  readonly timedRoles: readonly ObservedSchedule[];
  readonly eligibilities: readonly ObservedEligibility[];
  readonly groups: readonly GroupId[];
  readonly units: readonly UnitId[];
  /** Without the password; a pass is one of them. */
  readonly methods: readonly AuthenticationMethod[];
  readonly sessionsValidFromAt: Instant | null;
  readonly passwordChangedAt: Instant | null;
}

/** The same with the names of the roles that it holds now (`roleKeyOf`), for expectations. */
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
  units: {},
  pim: { longestMinutes: null },
  lagMs: 0,
});

type Version = { readonly at: Instant; readonly write: number; readonly user: FakeUser | null };

const viewOf = (user: FakeUser, now: Instant): FakeUserView => ({
  ...user,
  roles: heldRoles(user, now).map(roleKeyOf),
});

/** All that is assigned to a user at that moment, for good or for a time. */
export const heldRoles = (user: FakeUser, now: Instant): readonly ObservedRole[] => [
  ...user.assignments,
  ...user.timedRoles
    .filter(({ startsAt, endsAt }) => (startsAt ?? 0) <= now && (endsAt === null || endsAt > now))
    .map(({ roleId, scope }) => ({
      roleId,
      scope,
      assignmentId: usualAssignmentId(roleId, user.objectId, scope),
    })),
];

/** As in Graph, the id of an assignment in the whole tenant can be told from role and user. */
export const usualAssignmentId = (roleId: RoleId, user: ObjectId, scope = '/'): string =>
  `${roleId}|${user}${scope === '/' ? '' : `|${scope}`}-1`;

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
  /** Other apps of ours that it accepts: client id → credential. */
  readonly otherApps = new Map<string, string>();
  permissions: Set<string>;
  mayTouchRoleHolders: boolean;
  pass: TenantCapabilities['pass'];
  /** What a certificate would say of its end; it says it of secrets too, which a real one can't. */
  credentialEndsAt: Instant | null = null;
  pim: FakePim | null;
  lagMs: number;
  readonly groups = new Map<GroupId, FakeGroup>();
  readonly units = new Map<UnitId, FakeUnit>();
  /** Told of each write at the moment at which it is made, whoever makes it; null: the user is deleted. */
  onWrite: (objectId: ObjectId, user: FakeUser | null) => void = () => undefined;
  readonly #histories = new Map<ObjectId, Version[]>();
  readonly #now: () => Instant;
  #made = 0;
  #writes = 0;

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
    this.pim = full.pim;
    this.lagMs = full.lagMs;
    this.#now = now;
    for (const [id, group] of Object.entries(full.groups)) this.groups.set(idOf(id), group);
    for (const [id, unit] of Object.entries(full.units)) this.units.set(idOf(id), unit);
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

  addUnit(id: string, unit: FakeUnit = {}): UnitId {
    this.units.set(idOf(id), unit);
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
      return user === null ? [] : [viewOf(user, this.#now())];
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
    this.#writes += 1;
    this.#histories.set(user.objectId, [{ at: Number.NEGATIVE_INFINITY, write: this.#writes, user }]);
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

  /** What has changed after that many writes, as reads see it, a thousand at a time, and how many writes that takes in. */
  changesSince(place: number): {
    readonly changes: readonly UserChange[];
    readonly place: number;
    readonly caughtUp: boolean;
  } {
    const visible = [...this.#histories].flatMap(([objectId, versions]) => {
      const seen = versions.filter(({ at }) => at + this.lagMs <= this.#now());
      const last = seen.at(-1);
      return last === undefined ? [] : [{ objectId, last }];
    });
    const all = visible
      .filter(({ last }) => (place === 0 ? last.user !== null : last.write > place))
      .sort((a, b) => a.last.write - b.last.write);
    const told = all.slice(0, MOST_CHANGES);
    const caughtUp = told.length === all.length;
    const seen = caughtUp ? visible : told;
    return {
      caughtUp,
      changes: told.map(({ objectId, last: { user } }) =>
        user === null
          ? { objectId, removed: 'soft' }
          : { objectId, removed: null, enabled: user.enabled, marker: user.marker, upn: user.upn },
      ),
      place: seen.reduce((most, { last }) => Math.max(most, last.write), place),
    };
  }

  /** All users as reads see them. */
  everyoneLagged(): readonly FakeUser[] {
    return [...this.#histories.keys()].flatMap((id) => this.lagged(id) ?? []);
  }

  /** Appends a new state of one user, or its end. The fake's own calls go through here. */
  write(objectId: ObjectId, user: FakeUser | null): void {
    const versions = this.#histories.get(objectId) ?? [];
    this.#writes += 1;
    versions.push({ at: this.#now(), write: this.#writes, user });
    this.#histories.set(objectId, versions);
    this.onWrite(objectId, user);
  }

  /** Ids look like Entra's and are the same in each run. */
  nextId(kind: 'user' | 'pass' | 'request'): ObjectId {
    this.#made += 1;
    const prefix = { user: '00000000', pass: '0000aaaa', request: '0000bbbb' }[kind];
    return idOf(`${prefix}-0000-4000-8000-${String(this.#made).padStart(12, '0')}`);
  }
}

const MOST_CHANGES = 1_000;

/** What every user object begins with. */
export const BLANK: Omit<FakeUser, 'objectId' | 'upn' | 'displayName'> = {
  marker: null,
  enabled: false,
  password: null,
  assignments: [],
  timedRoles: [],
  eligibilities: [],
  groups: [],
  units: [],
  methods: [],
  sessionsValidFromAt: null,
  passwordChangedAt: null,
};

/** UPNs are unique whatever their letter case. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
