import { placeOf } from '#core/accounts';
import type { AccessPolicy } from './access-policy.js';
import { overrideOf } from './effective-policies.js';
import type { PolicyReach } from './policy-reach.js';

const told = {
  groups_archived:
    'Every technician group that it names is archived, so that nobody may use it. Name others.',
  groups_empty:
    'Nobody who may ask for access is in the technician groups that it names: add somebody to one of them.',
  no_technician: 'There is nobody in the organization who may ask for access.',
  no_customer: 'There is no customer yet at which it could be used.',
  overridden_everywhere:
    'Every customer has a policy of its own by this name, which stands in the place of this one there.',
  not_connected: 'No customer that it is for has an Entra connection that works: connect one.',
  pass_unavailable:
    'No tenant in which it could be used has Temporary Access Passes switched on. Switch them on in Entra, or let it give a password.',
  nothing_left: 'All that it gives is above the role ceiling of the organization.',
  hours_shorter: 'Its hours are never open as long as its maximum: no grant of it lasts that long.',
  overrides:
    'An organization-wide policy has this name: this one stands in its place at this customer, and what runs there is judged by it.',
  same_name: 'This customer has another policy in use by this name: both can be asked for.',
} as const;

export type PolicyWarningCode = keyof typeof told;

/** What whoever wrote a policy should know: it can be saved, and may not do what was meant. */
export interface PolicyWarning {
  readonly code: PolicyWarningCode;
  readonly message: string;
}

/** What keeps everybody from using a policy at present, and what its name does. `inUse` may hold it, as it was or is. */
export const warningsOn = (reach: PolicyReach, inUse: readonly AccessPolicy[]): readonly PolicyWarning[] => {
  if (reach.policy.state === 'archived') return [];
  const codes = [...nobodyIn(reach), ...nowhereIn(reach), ...nothingIn(reach), ...sameNames(reach, inUse)];
  return codes.map((code) => ({ code, message: told[code] }));
};

const when = (holds: boolean, code: PolicyWarningCode): readonly PolicyWarningCode[] => (holds ? [code] : []);

const nobodyIn = ({ policy, groups, technicians }: PolicyReach): readonly PolicyWarningCode[] => {
  if (technicians.length > 0) return [];
  if (policy.technicianGroups.length === 0) return ['no_technician'];
  return [groups.some(({ group }) => group.state === 'active') ? 'groups_empty' : 'groups_archived'];
};

/** The first reason that keeps it from being used at any customer. */
const nowhereIn = ({ customers }: PolicyReach): readonly PolicyWarningCode[] => {
  const open = customers.filter(({ obstacles }) => !obstacles.includes('closing'));
  if (open.length === 0) return ['no_customer'];
  const counts = open.filter(({ overriddenBy }) => overriddenBy === null);
  if (counts.length === 0) return ['overridden_everywhere'];
  const works = counts.filter(({ obstacles }) => obstacles.every((each) => each === 'pass_unavailable'));
  if (works.length === 0) return ['not_connected'];
  return when(
    works.every(({ obstacles }) => obstacles.length > 0),
    'pass_unavailable',
  );
};

const nothingIn = ({ policy, withheld, longestSeconds }: PolicyReach): readonly PolicyWarningCode[] => [
  ...when(withheld.length > 0 && isAllWithheld(policy, withheld), 'nothing_left'),
  ...when(longestSeconds < policy.maximumDurationSeconds, 'hours_shorter'),
];

const isAllWithheld = ({ gives }: AccessPolicy, withheld: PolicyReach['withheld']): boolean =>
  gives.groups.length === 0 && gives.roles.every((role) => withheld.includes(placeOf(role).roleId));

const sameNames = ({ policy }: PolicyReach, inUse: readonly AccessPolicy[]): readonly PolicyWarningCode[] => {
  const { customerId, id } = policy;
  if (customerId === null) return [];
  const others = inUse.filter((each) => each.id !== id);
  const overrides = others.some((each) => overrideOf(each, [policy]) !== null);
  const twin = overrideOf(
    { ...policy, customerId: null },
    others.filter((each) => each.customerId === customerId),
  );
  return [...when(overrides, 'overrides'), ...when(twin !== null, 'same_name')];
};
