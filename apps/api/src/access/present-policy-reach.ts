import type { PolicyPreviewOut, PolicyReachOut } from '#contracts';
import { placeOf, unitOf } from '#core/accounts';
import type { CustomerEffects, PolicyPreview, PolicyReach } from '#core/access';
import type { RoleId } from '#core/shared';
import { tierOf } from '#core/proving';

interface Paging {
  readonly technicianCursor?: string | undefined;
  readonly customerCursor?: string | undefined;
  readonly limit: number;
}

/** Of a preview no more customers are named. */
const MOST_CUSTOMERS = 100;

export const presentReach = (
  { reach, warnings, complete }: PolicyPreview,
  paging: Paging,
): PolicyReachOut => {
  const { policy, groups } = reach;
  return {
    policyId: policy.version === 0 ? null : policy.id,
    customerId: policy.customerId,
    name: policy.name,
    technicians: techniciansOf(reach, paging),
    technicianGroups: groups.map(({ group, members }) => ({ ...group, members: members.length })),
    customers: customersOf(reach, paging),
    ...rolesOf(reach),
    groups: [...policy.gives.groups],
    credential: policy.credential,
    defaultDurationSeconds: policy.defaultDurationSeconds,
    maximumDurationSeconds: policy.maximumDurationSeconds,
    longestSeconds: reach.longestSeconds,
    timeZone: policy.allowedHours?.timeZone ?? null,
    warnings: [...warnings],
    complete,
  };
};

export const presentPreview = (preview: PolicyPreview, paging: Paging): PolicyPreviewOut => {
  const { effects } = preview;
  const total = (count: (each: CustomerEffects) => number): number =>
    effects.reduce((sum, each) => sum + count(each), 0);
  return {
    ...presentReach(preview, paging),
    effects: {
      ended: total(({ ended }) => ended),
      shortened: total(({ shortened }) => shortened),
      reduced: total(({ reduced }) => reduced),
      moved: total(({ moved }) => moved),
      customers: effects.slice(0, MOST_CUSTOMERS).map((each) => ({ ...each })),
    },
  };
};

const techniciansOf = ({ technicians }: PolicyReach, { technicianCursor, limit }: Paging) => {
  const { items, nextCursor } = cut(technicians, ({ id }) => id, { after: technicianCursor, limit });
  const present = items.map(({ id, username, displayName, role }) => ({ id, username, displayName, role }));
  return { total: technicians.length, items: present, nextCursor };
};

const customersOf = ({ customers }: PolicyReach, { customerCursor, limit }: Paging) => {
  const { items, nextCursor } = cut(customers, ({ customer }) => customer.id, {
    after: customerCursor,
    limit,
  });
  const present = items.map(({ customer: { id, name }, obstacles, overriddenBy }) => ({
    id,
    name,
    usable: obstacles.length === 0,
    obstacles: [...obstacles],
    overriddenBy: overriddenBy === null ? null : { id: overriddenBy.id, name: overriddenBy.name },
  }));
  const usableAt = customers.filter(({ obstacles }) => obstacles.length === 0).length;
  return { total: customers.length, usableAt, items: present, nextCursor };
};

const rolesOf = ({ policy, withheld }: PolicyReach) => {
  const marked = policy.gives.roles.map((role: RoleId) => {
    const { roleId } = placeOf(role);
    const unitId = unitOf(role);
    return { roleId, unitId, tier: tierOf(roleId), withheld: withheld.includes(roleId) };
  });
  return {
    roles: marked.flatMap(({ unitId, ...role }) => (unitId === null ? [role] : [])),
    unitRoles: marked.flatMap(({ unitId, ...role }) => (unitId === null ? [] : [{ ...role, unitId }])),
  };
};

const cut = <Row>(
  rows: readonly Row[],
  idIn: (row: Row) => string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
) => {
  const rest = rows.filter((row) => after === undefined || idIn(row) > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rest.length > limit && last !== undefined ? idIn(last) : null };
};
