import { ownLive, ownRunning, type ManagedAccount, type MayHold, type OwnEntitlement } from '#core/accounts';
import { common, isLive, isRunning, type Entitlement, type GrantInForce } from '#core/grants';
import type { GroupId, Instant, RoleId } from '#core/shared';
import { eligibleIn } from './eligibilities.js';

/** What an account should be at one moment. Always derived, never stored. */
export interface DesiredAccount {
  readonly enabled: boolean;
  /** Each role with the instant until which some running grant gives it. */
  readonly roles: ReadonlyMap<RoleId, Instant>;
  readonly groups: ReadonlySet<GroupId>;
  /** A person is to know the password. */
  readonly password: boolean;
  /** A Temporary Access Pass may exist. */
  readonly pass: boolean;
  /** The object itself is to go: nothing needs it any more and an ended grant said so. */
  readonly removed: boolean;
}

/** What a grant gives now: what was approved, as far as its policy still gives it. */
export const given = ({ grant, policyGives }: GrantInForce): Entitlement =>
  common(grant.approved, policyGives ?? { roles: [], groups: [] });

/** Those that give something at that moment. */
export const runningOf = (open: readonly GrantInForce[], now: Instant): readonly GrantInForce[] =>
  open.filter(({ grant, policyGives, bar }) => policyGives !== null && bar === null && isRunning(grant, now));

/** The union of the running grants, each for as long as it lasts, and of what the account is entitled to by itself. */
export const desiredAccount = (
  open: readonly GrantInForce[],
  now: Instant,
  account: Pick<ManagedAccount, 'own' | 'retirement'>,
): DesiredAccount => {
  const running = runningOf(open, now);
  const own = ownRunning(account, now);
  return {
    enabled: running.length > 0 || own?.enabled === true,
    roles: rolesOf(running, own),
    groups: new Set([...running.flatMap((each) => given(each).groups), ...(own?.groups ?? [])]),
    password: running.some(({ grant }) => grant.credential !== 'pass'),
    pass: running.some(({ grant }) => grant.credential !== 'password'),
    removed: isToBeRemoved(open, now, account),
  };
};

const rolesOf = (
  running: readonly GrantInForce[],
  own: OwnEntitlement | null,
): ReadonlyMap<RoleId, Instant> => {
  const until = new Map<RoleId, Instant>(own?.roles.map((role) => [role, own.expiresAt]));
  for (const each of running) {
    for (const role of given(each).roles)
      until.set(role, Math.max(until.get(role) ?? 0, each.grant.expiresAt));
  }
  return until;
};

const isToBeRemoved = (
  open: readonly GrantInForce[],
  now: Instant,
  account: Pick<ManagedAccount, 'own' | 'retirement'>,
): boolean =>
  (account.retirement !== null ||
    account.own?.endAction === 'delete' ||
    open.some(({ grant }) => grant.endAction === 'delete')) &&
  ownLive(account, now) === null &&
  !open.some(({ grant, bar }) => bar === null && isLive(grant, now));

/**
 * What the account may hold although nothing gives it: the reason why there is anything to take away.
 * `fromBare`: it can only be given to while it holds no role at all (see planConvergence, tenants without the role).
 */
export const excessOf = (held: MayHold, desired: DesiredAccount, fromBare = false) => {
  // On an account that isn't known to be enabled everything is left over: no running grant has given it yet, or
  // nobody knows what happened since it may have.
  const stripping = !desired.enabled || held.enabled !== 'held';
  return {
    enabled: isEnabledLeft(held, desired),
    ...membershipsLeft(held, stripping && fromBare, desired),
    eligible: eligibleIn(held, 'found'),
    pass: held.pass !== null && !(desired.pass && !stripping),
    password: isPasswordLeft(held, desired),
    sessions: held.sessions && stripping,
    methods: held.methods && stripping,
    object: held.object !== null && desired.removed,
  };
};

/** An enable that isn't known to have worked is undone, and given anew from a known state. */
const isEnabledLeft = ({ enabled }: MayHold, desired: DesiredAccount): boolean =>
  enabled === 'maybe' || (enabled === 'held' && !desired.enabled);

const membershipsLeft = (held: MayHold, all: boolean, desired: DesiredAccount) => ({
  roles: (Object.keys(held.roles) as RoleId[]).filter((role) => all || !desired.roles.has(role)),
  groups: (Object.keys(held.groups) as GroupId[]).filter((group) => all || !desired.groups.has(group)),
});

/**
 * A parked account gets a new password before it is enabled, so an old one is no reason to wait; that of a password
 * grant that is over, on an account that another grant keeps enabled, is.
 */
const isPasswordLeft = (held: MayHold, desired: DesiredAccount): boolean =>
  desired.enabled
    ? held.password === 'held' && held.enabled !== null && !desired.password
    : held.password !== null;

export type Excess = ReturnType<typeof excessOf>;

/** Nothing is left that nothing gives. */
export const isNothing = (excess: Excess): boolean =>
  Object.values(excess).every((left) => (Array.isArray(left) ? left.length === 0 : !left));
