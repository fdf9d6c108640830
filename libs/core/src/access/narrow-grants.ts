import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import { common, openness, type GrantLimit, type GrantStores, type ShortenedGrant } from '#core/grants';
import { SECOND, type CustomerId, type Instant } from '#core/shared';
import type { AccessPolicy, Rivalry } from './access-policy.js';
import { takeoversIn } from './effective-policies.js';
import type { AccessStores } from './stores.js';

type NarrowStores = AccessStores & AccountStores & AuditStores & GrantStores;

interface By {
  readonly actor: AuditActor;
  readonly now: Instant;
}

/**
 * What is due to running grants when a policy was written: those that it takes over, or that another one takes over from it,
 * change hands, and each policy concerned takes what it does not give, from whom it is not for, beyond its time. Every account that
 * stands on them is looked at now, and owes what it loses from now on. Answers with the customers that they belong to.
 *
 * Nobody may be given anything, and no other policy written, meanwhile: `holds.excludeGiving` goes before.
 */
export const narrowGrants = async (
  stores: NarrowStores,
  policy: AccessPolicy,
  by: By,
): Promise<ReadonlySet<CustomerId>> => {
  const takeovers = policy.state === 'active' ? takeoversIn(await stores.policies.rivalries(policy)) : [];
  // Accounts go before grants, as everybody locks them.
  const concerned = await stores.accounts.endAll(scopeOf(policy, takeovers), by.now);
  for (const takeover of takeovers) await takeOver(stores, takeover, by);
  await judge(stores, policy, by);
  const others = new Set(takeovers.map(({ own }) => own.id).filter((id) => id !== policy.id));
  for (const id of others) {
    const other = await stores.policies.get(id);
    if (other !== null) await judge(stores, other, by);
  }
  return new Set(concerned.map(({ customerId }) => customerId));
};

const scopeOf = ({ id, customerId }: AccessPolicy, takeovers: readonly Rivalry[]) =>
  customerId === null
    ? ({ kind: 'policy', policyId: id } as const)
    : ({ kind: 'policies', customerId, policyIds: [id, ...takeovers.map(({ from }) => from.id)] } as const);

const takeOver = async ({ audit, grants }: NarrowStores, { from, own }: Rivalry, { actor, now }: By) => {
  const moved = await grants.move(
    { policyId: from.id, gives: from.gives, customerId: own.customerId },
    own.id,
  );
  await audit.append(
    moved.map(({ id, organizationId, customerId, approved }): AuditEvent => {
      const left = common(approved, own.gives);
      const details = {
        fromPolicyId: from.id,
        toPolicyId: own.id,
        rolesBefore: approved.roles,
        groupsBefore: approved.groups,
        roles: left.roles,
        groups: left.groups,
      };
      const subject = { kind: 'grant', id };
      return { organizationId, at: now, actor, action: 'grant.moved', subject, customerId, details };
    }),
  );
};

/** Ends what stands on an archived policy, and of others whatever they don't allow by now. */
const judge = async ({ audit, grants }: NarrowStores, policy: AccessPolicy, { actor, now }: By) => {
  const { id, organizationId } = policy;
  const scope = { kind: 'policy', policyId: id } as const;
  if (policy.state === 'archived') await grants.forbid(scope, 'policy_removed');
  else await grants.forbidUnentitled(scope);
  const shortened = await grants.shorten(id, limitOf(policy, now));
  const told = ({ id: grantId, customerId, from, to }: ShortenedGrant): AuditEvent => ({
    organizationId,
    at: now,
    actor,
    action: 'grant.shortened',
    subject: { kind: 'grant', id: grantId },
    customerId,
    details: { from: iso(from), to: iso(to), policyId: id },
  });
  await audit.append(shortened.map(told));
};

/** No longer than the policy's maximum, and not beyond its hours: for what runs already these are the present ones. */
export const limitOf = (
  { allowedHours, maximumDurationSeconds }: Pick<AccessPolicy, 'allowedHours' | 'maximumDurationSeconds'>,
  now: Instant,
): GrantLimit => {
  const closings = new Map<Instant, Instant>();
  const closing = (at: Instant): Instant => {
    const known = closings.get(at);
    if (known !== undefined) return known;
    const open = openness(allowedHours, at);
    const until = open.isOpen ? open.until : at;
    closings.set(at, until);
    return until;
  };
  const until = ({ startsAt }: { readonly startsAt: Instant }): Instant =>
    Math.min(startsAt + maximumDurationSeconds * SECOND, closing(Math.max(startsAt, now)));
  return { now, until };
};

const iso = (at: Instant): string => new Date(at).toISOString();
