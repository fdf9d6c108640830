import type { CustomerId, PolicyId } from '#core/shared';
import type { AccessPolicy, Rivalry } from './access-policy.js';

/** What tells which of two policies counts at a customer. */
export type NamedPolicy = Pick<AccessPolicy, 'id' | 'customerId' | 'name' | 'state'>;

/** Which policies count at one customer. */
export interface EffectivePolicies<Policy extends NamedPolicy> {
  readonly counts: readonly Policy[];
  /** Organization-wide ones that don't count there, each with the customer's own that stands in its place. */
  readonly overridden: ReadonlyMap<PolicyId, Policy>;
}

/**
 * Of all policies those that count at a customer: its own, and the organization-wide ones of which it has none of the same name
 * (ADR 39). Archived ones count nowhere.
 */
export const effectivePolicies = <Policy extends NamedPolicy>(
  policies: readonly Policy[],
  customerId: CustomerId,
): EffectivePolicies<Policy> => {
  const active = policies.filter(({ state }) => state === 'active');
  const own = active.filter((policy) => policy.customerId === customerId);
  const overridden = new Map<PolicyId, Policy>();
  const counts: Policy[] = [...own];
  for (const policy of active.filter((each) => each.customerId === null)) {
    const override = overrideOf(policy, own);
    if (override === null) counts.push(policy);
    else overridden.set(policy.id, override);
  }
  return { counts, overridden };
};

/** Which of a customer's own policies in use stands in the place of an organization-wide one: of several the oldest; null: none. */
export const overrideOf = <Own extends Pick<AccessPolicy, 'id' | 'name'>>(
  { name, customerId }: Pick<AccessPolicy, 'name' | 'customerId'>,
  own: readonly Own[],
): Own | null => {
  if (customerId !== null) return null;
  const sameName = own.filter((each) => keyOf(each.name) === keyOf(name));
  return sameName.reduce<Own | null>(
    (oldest, each) => (oldest === null || each.id < oldest.id ? each : oldest),
    null,
  );
};

/** Names are told apart by people: neither case nor blanks at the ends make two of one. */
const keyOf = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** Of these, each organization-wide policy with the one of each customer that stands in its place there. */
export const takeoversIn = (rivalries: readonly Rivalry[]): readonly Rivalry[] => {
  const places = new Map<string, Rivalry[]>();
  for (const rivalry of rivalries) {
    const place = `${rivalry.from.id} ${rivalry.own.customerId}`;
    places.set(place, [...(places.get(place) ?? []), rivalry]);
  }
  return [...places.values()].flatMap((there) =>
    there.filter(
      ({ from, own }) =>
        overrideOf(
          from,
          there.map((each) => each.own),
        )?.id === own.id,
    ),
  );
};

/** Policies by the customer whose own they are. */
export const byCustomer = <Policy extends Pick<AccessPolicy, 'customerId'>>(
  policies: readonly Policy[],
): ReadonlyMap<CustomerId, readonly Policy[]> => {
  const own = new Map<CustomerId, Policy[]>();
  for (const policy of policies) {
    if (policy.customerId === null) continue;
    const there = own.get(policy.customerId);
    if (there === undefined) own.set(policy.customerId, [policy]);
    else there.push(policy);
  }
  return own;
};
