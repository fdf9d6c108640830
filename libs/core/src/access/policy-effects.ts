import { common, underCeiling, type GrantLimit, type LiveGrant } from '#core/grants';
import type { CustomerId, Instant, TechnicianGroupId, TechnicianId } from '#core/shared';
import type { RoleCeiling } from '#core/tenancy';
import type { AccessPolicy } from './access-policy.js';
import { byCustomer, overrideOf } from './effective-policies.js';
import { limitOf } from './narrow-grants.js';

/** What saving a policy would do to the grants at one customer. */
export interface CustomerEffects {
  readonly customerId: CustomerId;
  /** Over at once, or never to begin. */
  readonly ended: number;
  /** That end earlier. */
  readonly shortened: number;
  /** From which roles or groups are taken. */
  readonly reduced: number;
  /** That another policy judges from then on. One may be in several of these. */
  readonly moved: number;
}

/** Everything that it is decided from. */
export interface EffectFacts {
  /** As it would be saved. */
  readonly next: AccessPolicy;
  /** The policies in use, `next` in the place of what it was. */
  readonly inUse: readonly AccessPolicy[];
  /** What the policies of these grants gave so far. */
  readonly before: ReadonlyMap<AccessPolicy['id'], AccessPolicy>;
  readonly grants: readonly LiveGrant[];
  /** Members of the groups that entitle: those that are not archived. */
  readonly members: ReadonlyMap<TechnicianGroupId, readonly TechnicianId[]>;
  readonly ceiling: RoleCeiling['roles'];
  readonly now: Instant;
}

interface Effect {
  readonly ended: boolean;
  readonly shortened: boolean;
  readonly reduced: boolean;
  readonly moved: boolean;
}

/** What `narrowGrants` would do, without doing it: customers at which anything would happen, oldest first. */
export const effectsOf = (facts: EffectFacts): readonly CustomerEffects[] => {
  const effects = new Map<CustomerId, CustomerEffects>();
  const own = byCustomer(facts.inUse);
  const limits = new Map<AccessPolicy['id'], GrantLimit>();
  for (const grant of facts.grants) {
    const { customerId } = grant;
    const effect = effectOn(grant, { ...facts, limits, own: own.get(customerId) ?? [] });
    if (!Object.values(effect).some(Boolean)) continue;
    const { ended, shortened, reduced, moved } = effects.get(customerId) ?? NOTHING;
    effects.set(customerId, {
      customerId,
      ended: ended + Number(effect.ended),
      shortened: shortened + Number(effect.shortened),
      reduced: reduced + Number(effect.reduced),
      moved: moved + Number(effect.moved),
    });
  }
  return [...effects.values()].sort((one, other) => (one.customerId < other.customerId ? -1 : 1));
};

const NOTHING = { ended: 0, shortened: 0, reduced: 0, moved: 0 };
const UNTOUCHED: Effect = { ended: false, shortened: false, reduced: false, moved: false };
const ENDED: Effect = { ...UNTOUCHED, ended: true };

interface OfOne extends EffectFacts {
  /** The customer's own that are in use. */
  readonly own: readonly AccessPolicy[];
  /** What was made of a policy's hours already: that takes long. */
  readonly limits: Map<AccessPolicy['id'], GrantLimit>;
}

const effectOn = (grant: LiveGrant, facts: OfOne): Effect => {
  const { next, own, before } = facts;
  const under = grant.policyId === next.id ? next : before.get(grant.policyId);
  if (under === undefined) return UNTOUCHED;
  const override = under.state === 'active' ? overrideOf(under, own) : null;
  if (override === null && under.id !== next.id) return UNTOUCHED;
  return judged(grant, { under, by: override ?? under }, facts);
};

const judged = (
  grant: LiveGrant,
  { under, by }: { readonly under: AccessPolicy; readonly by: AccessPolicy },
  { before, ceiling, limits, members, now }: OfOne,
): Effect => {
  if (by.state === 'archived' || !isEntitled(grant, by, members)) return ENDED;
  const limit = limits.get(by.id) ?? limitOf(by, now);
  limits.set(by.id, limit);
  const until = Math.max(limit.until(grant), now);
  if (until <= grant.startsAt || until <= now) return ENDED;
  const had = common(grant.approved, (before.get(grant.policyId) ?? under).gives);
  const left = common(common(had, under.gives), by.gives);
  const sizes = [had, left]
    .map((each) => underCeiling(each, ceiling))
    .map(({ roles, groups }) => roles.length + groups.length);
  return {
    ended: false,
    shortened: grant.expiresAt > until,
    reduced: sizes[0] !== sizes[1],
    moved: by.id !== under.id,
  };
};

const isEntitled = (
  { technicianId }: LiveGrant,
  { technicianGroups }: AccessPolicy,
  members: EffectFacts['members'],
): boolean =>
  technicianGroups.length === 0 ||
  technicianGroups.some((id) => members.get(id)?.includes(technicianId) === true);
