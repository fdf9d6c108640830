import type { Lags } from '../control/contract.js';
import { ChangeFeed, type Change } from './changes.js';
import { Indexed } from './indexed.js';
import type { App, Group, Membership, Method, RoleAssignment, TenantConfig, User } from './model.js';
import type { GroupOwnership, Unit, UnitMembership } from './model-directory.js';
import type { AccessPolicy, Lockout, Session, SignInRow } from './model-sign-in.js';
import type { RoleRequest, RoleSchedule } from './model-pim.js';
import type { Subscription } from './model-subscriptions.js';
import { noLags, type Stamp } from './replicated.js';

export type TableName =
  | 'users'
  | 'deletedUsers'
  | 'groups'
  | 'memberships'
  | 'assignments'
  | 'methods'
  | 'deletedGroups'
  | 'owners'
  | 'units'
  | 'unitMemberships'
  | 'sessions'
  | 'lockouts'
  | 'signIns'
  | 'accessPolicies'
  | 'roleSchedules'
  | 'roleRequests'
  | 'activatedRoles'
  | 'subscriptions';

/** One customer's directory: a write store whose every table is seen through lagging replicas. */
export class Tenant {
  readonly users = new Indexed<User>({ upn: (user) => user.userPrincipalName.toLowerCase() });
  readonly deletedUsers = new Indexed<User>();
  readonly groups = new Indexed<Group>();
  readonly memberships = new Indexed<Membership>({
    group: (edge) => edge.groupId,
    member: (edge) => edge.memberId,
  });
  readonly assignments = new Indexed<RoleAssignment>({
    principal: (assignment) => assignment.principalId,
    role: (assignment) => assignment.roleDefinitionId,
  });
  readonly methods = new Indexed<Method>({ user: (method) => method.userId });
  readonly deletedGroups = new Indexed<Group>();
  readonly owners = new Indexed<GroupOwnership>({
    group: (edge) => edge.groupId,
    owner: (edge) => edge.ownerId,
  });
  readonly units = new Indexed<Unit>();
  readonly unitMemberships = new Indexed<UnitMembership>({
    unit: (edge) => edge.unitId,
    member: (edge) => edge.memberId,
  });
  readonly sessions = new Indexed<Session>({ refresh: (session) => session.refreshHash ?? session.id });
  readonly lockouts = new Indexed<Lockout>();
  readonly signIns = new Indexed<SignInRow>();
  readonly accessPolicies = new Indexed<AccessPolicy>();
  readonly roleSchedules = new Indexed<RoleSchedule>({ principal: (schedule) => schedule.principalId });
  readonly roleRequests = new Indexed<RoleRequest>();
  /** Roles that have been used or activated: what /directoryRoles lists. */
  readonly activatedRoles = new Indexed<{ readonly id: string }>();
  readonly subscriptions = new Indexed<Subscription>();
  readonly changes = new ChangeFeed();
  readonly apps = new Map<string, App>();
  private readonly principals = new Map<string, App>();
  private writes = 0;
  /** What the logs show of entries up to then waits for no lag. */
  reportsSettledAt = 0;

  constructor(
    readonly id: string,
    public config: TenantConfig,
  ) {}

  stamp(at: number, lags: Lags = this.config.lags): Stamp {
    return { seq: ++this.writes, at, lags };
  }

  /** Answers the change, if it is one that somebody follows. */
  write(table: TableName, { key, value }: { key: string; value: unknown }, stamp: Stamp): Change | undefined {
    const own = unreplicated.has(table) ? { ...stamp, lags: noLags } : stamp;
    const rows = this[table] as Indexed<object>;
    const before = rows.truth(key);
    const after = (value ?? undefined) as object | undefined;
    rows.write(key, after, own);
    // Who subscribes follows the changes, after a restart too.
    if (table === 'subscriptions') this.changes.follow();
    return this.changes.note({ table, key, before, after }, own);
  }

  putApp(app: App): void {
    this.apps.set(app.clientId.toLowerCase(), app);
    this.principals.set(app.servicePrincipalId, app);
  }

  appOfPrincipal(servicePrincipalId: string): App | undefined {
    return this.principals.get(servicePrincipalId);
  }

  settle(): void {
    for (const name of tableNames) this[name].settle();
    this.changes.settle();
    for (const { consent: _, ...app } of [...this.apps.values()]) this.putApp(app);
  }
}

export const tableNames: readonly TableName[] = [
  'users',
  'deletedUsers',
  'groups',
  'memberships',
  'assignments',
  'methods',
  'deletedGroups',
  'owners',
  'units',
  'unitMemberships',
  'sessions',
  'lockouts',
  'signIns',
  'accessPolicies',
  'roleSchedules',
  'roleRequests',
  'activatedRoles',
  'subscriptions',
];

/** Sign-in reads these as they are: no replica has them. */
const unreplicated: ReadonlySet<TableName> = new Set(['sessions', 'lockouts', 'signIns']);

export const membershipKey = (groupId: string, memberId: string): string => `${groupId}|${memberId}`;
