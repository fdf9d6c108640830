import type { StoppingPolicy, UnmetDemand } from '#core/accounts';
import { idOf, type GroupId, type RoleId } from '#core/shared';
import { text } from '../answer-fields.js';
import { fieldsOf, textOf } from '../graph-answer.js';

type Fields = Readonly<Record<string, unknown>>;

/** Apps behind Microsoft's admin portals and command lines. Source: entra-docs, conditional-access target resources. */
const ADMIN_APPS = new Set(['all', 'microsoftadminportals', '797f4846-ba00-4fd7-ba43-dac1f8f63013']);

/** Ways in that a Temporary Access Pass is. Source: graph/api/resources/authenticationstrengthpolicy. */
const PASSES = ['temporaryAccessPassOneTime', 'temporaryAccessPassMultiUse'].map((way) => way.toLowerCase());

/** Of each control, what a sign-in with a pass and an unknown device can't meet; null: it meets it. */
const UNMET: Readonly<Record<string, UnmetDemand | null>> = {
  mfa: null,
  block: 'block',
  compliantdevice: 'a compliant device',
  domainjoineddevice: 'a hybrid joined device',
  approvedapplication: 'an approved app',
  compliantapplication: 'an approved app',
  passwordchange: 'a password change',
};

const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
const lowered = (value: unknown): readonly string[] => words(value).map((word) => word.toLowerCase());

/** The policy, as far as it stops a fresh admin who comes with a pass; null: it doesn't. Throws `MalformedAnswer`. */
export const stoppingPolicyIn = (fields: Fields): StoppingPolicy | null => {
  const state = textOf(fields['state'])?.toLowerCase();
  const conditions = fieldsOf(fields['conditions']);
  const isInForce = state === 'enabled' || state === 'enabledforreportingbutnotenforced';
  if (!isInForce || !isForAdminApps(fieldsOf(conditions['applications']))) return null;
  const demands = unmetDemands(fieldsOf(fields['grantControls']));
  if (demands.length === 0) return null;
  return {
    id: text(fields, 'id'),
    displayName: textOf(fields['displayName']) ?? '',
    enforced: state === 'enabled',
    conditional: isConditional(conditions),
    demands,
    ...peopleIn(fieldsOf(conditions['users'])),
  };
};

const isForAdminApps = (applications: Fields): boolean => {
  const excluded = lowered(applications['excludeApplications']);
  const included = lowered(applications['includeApplications']);
  return included.some((app) => ADMIN_APPS.has(app) && !excluded.includes(app));
};

type People = Pick<
  StoppingPolicy,
  'forEverybody' | 'forRoles' | 'forGroups' | 'notForRoles' | 'notForGroups'
>;

const peopleIn = (users: Fields): People => ({
  forEverybody: lowered(users['includeUsers']).includes('all'),
  forRoles: rolesIn(users['includeRoles']),
  forGroups: groupsIn(users['includeGroups']),
  notForRoles: rolesIn(users['excludeRoles']),
  notForGroups: groupsIn(users['excludeGroups']),
});

const rolesIn = (value: unknown): readonly RoleId[] => lowered(value).map((id) => idOf<'entra role'>(id));
const groupsIn = (value: unknown): readonly GroupId[] => lowered(value).map((id) => idOf<'entra group'>(id));

/** Place, device, risk, how somebody signs in: a fresh admin may or may not meet them. */
const isConditional = (conditions: Fields): boolean => {
  const locations = fieldsOf(conditions['locations']);
  const isNarrowed = (value: unknown, ...wide: readonly string[]): boolean => {
    const named = lowered(value);
    return named.length > 0 && !named.some((name) => wide.includes(name));
  };
  return [
    isNarrowed(conditions['clientAppTypes'], 'all', 'browser'),
    isNarrowed(fieldsOf(conditions['platforms'])['includePlatforms'], 'all'),
    isNarrowed(locations['includeLocations'], 'all'),
    isNarrowed(locations['excludeLocations']),
    conditions['devices'] != null,
    isNarrowed(conditions['userRiskLevels']),
    isNarrowed(conditions['signInRiskLevels']),
  ].some(Boolean);
};

/** With `OR` one control that can be met is enough; with `AND` each that can't be met stops. */
const unmetDemands = (grant: Fields): readonly UnmetDemand[] => {
  const controls = lowered(grant['builtInControls']).map((control) =>
    control in UNMET ? (UNMET[control] ?? null) : 'another control',
  );
  const custom = words(grant['customAuthenticationFactors']).map((): UnmetDemand => 'another control');
  const strength = grant['authenticationStrength'];
  const all = [...controls, ...custom, ...(strength == null ? [] : [unmetStrength(fieldsOf(strength))])];
  const unmet = all.filter((demand) => demand !== null);
  const isOneEnough = textOf(grant['operator'])?.toUpperCase() === 'OR';
  return isOneEnough && unmet.length < all.length ? [] : [...new Set(unmet)];
};

const unmetStrength = (strength: Fields): UnmetDemand | null => {
  const ways = lowered(strength['allowedCombinations']);
  return ways.some((way) => PASSES.includes(way)) ? null : 'phishing-resistant sign-in';
};
