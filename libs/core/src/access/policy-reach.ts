import { aboveCeiling, longestOpeningMs } from '#core/grants';
import { mayAtAll, type GroupWithMembers, type Technician } from '#core/identity';
import { SECOND, type Instant, type RoleId } from '#core/shared';
import { refusesCredential, type Customer, type CustomerFacts, type RoleCeiling } from '#core/tenancy';
import type { AccessPolicy } from './access-policy.js';
import { byCustomer, overrideOf } from './effective-policies.js';

/** Why a policy can't be used at a customer at present. */
export type ReachObstacle =
  | 'closing'
  | 'overridden'
  | 'not_connected'
  | 'connection_removing'
  | 'credential_refused'
  | 'pass_unavailable';

/** A customer that a policy is for. */
export interface ReachedCustomer {
  readonly customer: Pick<Customer, 'id' | 'name'>;
  /** None: the policy can be used there. */
  readonly obstacles: readonly ReachObstacle[];
  readonly overriddenBy: Pick<AccessPolicy, 'id' | 'name'> | null;
}

/** Who may get what by a policy, where, and for how long, as all of it is now. */
export interface PolicyReach {
  readonly policy: AccessPolicy;
  /** Those who may ask for it, oldest first. */
  readonly technicians: readonly Technician[];
  readonly groups: readonly GroupWithMembers[];
  readonly customers: readonly ReachedCustomer[];
  readonly withheld: readonly RoleId[];
  /** No grant of it can last longer: its maximum, or the longest time that its hours are open without a break. */
  readonly longestSeconds: number;
}

/** Everything that it is told from. */
export interface ReachFacts {
  readonly policy: AccessPolicy;
  readonly technicians: readonly Technician[];
  readonly groups: readonly GroupWithMembers[];
  readonly customers: readonly CustomerFacts[];
  readonly inUse: readonly AccessPolicy[];
  readonly ceiling: RoleCeiling['roles'];
  readonly now: Instant;
}

export const reachOf = (facts: ReachFacts): PolicyReach => {
  const { policy, groups, ceiling, now } = facts;
  const own = byCustomer(facts.inUse);
  const { allowedHours: hours, maximumDurationSeconds: most } = policy;
  const open = hours === null ? Infinity : Math.floor(longestOpeningMs(hours, now) / SECOND);
  return {
    policy,
    technicians: facts.technicians.filter((each) => mayAskFor(policy, each, groups)),
    groups,
    customers: facts.customers
      .filter(({ customer }) => policy.customerId === null || policy.customerId === customer.id)
      .map((each) => reached(each, facts, own.get(each.customer.id) ?? [])),
    withheld: aboveCeiling(policy.gives.roles, ceiling),
    longestSeconds: Math.min(most, open),
  };
};

/** Active, of a role that may ask for access at all, and one of those whom it is for. */
const mayAskFor = (
  { technicianGroups }: AccessPolicy,
  { id, role, state }: Technician,
  groups: readonly GroupWithMembers[],
): boolean =>
  state === 'active' &&
  mayAtAll(role, 'access-request:create') &&
  (technicianGroups.length === 0 ||
    groups.some(({ group, members }) => group.state === 'active' && members.includes(id)));

const reached = (
  { customer, connection, throttles }: CustomerFacts,
  { policy, now }: ReachFacts,
  own: readonly AccessPolicy[],
): ReachedCustomer => {
  const override = policy.state === 'active' ? overrideOf(policy, own) : null;
  const obstacles: readonly (readonly [ReachObstacle, boolean])[] = [
    ['closing', customer.state !== 'active'],
    ['overridden', override !== null],
    ['not_connected', connection === null],
    ['connection_removing', connection?.state === 'removing'],
    ['credential_refused', refusesCredential(throttles, now)],
    ['pass_unavailable', policy.credential !== 'password' && connection?.capabilities.pass === null],
  ];
  return {
    customer,
    obstacles: obstacles.flatMap(([obstacle, stands]) => (stands ? [obstacle] : [])),
    overriddenBy: override,
  };
};
