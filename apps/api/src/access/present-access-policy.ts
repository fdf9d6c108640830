import type { AccessPolicyOut, routes } from '#contracts';
import type { AccessPolicy, FieldRule, PolicyTerms } from '#core/access';
import type { AllowedHours, EndAction, GrantCredential } from '#core/grants';
import { idOf, type RoleId } from '#core/shared';
import type { CallOf } from '../http/call.js';
import { presentRoles, rolesOf } from '../present-roles.js';
import { iso } from '../wire.js';

const credentials = {
  pass: 'pass',
  password: 'password',
  both: 'both',
} as const satisfies Record<GrantCredential, AccessPolicyOut['credential']>;

const endActions = {
  disable: 'disable',
  delete: 'delete',
} as const satisfies Record<EndAction, AccessPolicyOut['endAction']>;

const rules = {
  off: 'off',
  optional: 'optional',
  required: 'required',
} as const satisfies Record<FieldRule, AccessPolicyOut['reason']>;

const states = {
  active: 'active',
  archived: 'archived',
} as const satisfies Record<AccessPolicy['state'], AccessPolicyOut['state']>;

/** A policy, and whether whoever looks at it is one of those whom it is for. */
export interface SeenPolicy {
  readonly policy: AccessPolicy;
  /** The customer's own that stands in its place, where it is looked at for one customer. */
  readonly overriddenBy: Pick<AccessPolicy, 'id' | 'name'> | null;
  readonly usable: boolean;
  /** Roles that the organization's ceiling keeps back. */
  readonly withheld: readonly RoleId[];
}

export const presentAccessPolicy = ({
  policy,
  overriddenBy,
  usable,
  withheld,
}: SeenPolicy): AccessPolicyOut => ({
  id: policy.id,
  customerId: policy.customerId,
  name: policy.name,
  ...presentRoles(policy.gives.roles),
  groups: [...policy.gives.groups],
  credential: credentials[policy.credential],
  endAction: endActions[policy.endAction],
  defaultDurationSeconds: policy.defaultDurationSeconds,
  maximumDurationSeconds: policy.maximumDurationSeconds,
  reason: rules[policy.reason],
  ticket: rules[policy.ticket],
  ticketPatterns: [...policy.ticketPatterns],
  allowedHours: policy.allowedHours === null ? null : presentHours(policy.allowedHours),
  technicianGroups: [...policy.technicianGroups],
  withheldRoles: [...withheld],
  overriddenBy: overriddenBy === null ? null : { id: overriddenBy.id, name: overriddenBy.name },
  usable,
  state: states[policy.state],
  version: policy.version,
  createdAt: iso(policy.createdAt),
});

const presentHours = ({ timeZone, windows }: AllowedHours): AccessPolicyOut['allowedHours'] => ({
  timeZone,
  windows: windows.map(({ days, from, to }) => ({ days: [...days], from, to })),
});

type Terms = Omit<CallOf<typeof routes.createAccessPolicy>['body'], 'customerId'>;

/** The terms of a policy in the core's words. */
export const termsOf = (body: Terms): PolicyTerms => ({
  name: body.name,
  gives: { roles: rolesOf(body), groups: body.groups.map((id) => idOf(id)) },
  credential: body.credential,
  endAction: body.endAction,
  defaultDurationSeconds: body.defaultDurationSeconds,
  maximumDurationSeconds: body.maximumDurationSeconds,
  reason: body.reason,
  ticket: body.ticket,
  ticketPatterns: body.ticketPatterns,
  allowedHours: body.allowedHours,
  technicianGroups: body.technicianGroups.map((id) => idOf(id)),
});

type ChangedTerms = Omit<CallOf<typeof routes.changeAccessPolicy>['body'], 'version' | 'state'>;

/** The same for a change: conditions that it does not name stay as they are. */
export const changedTerms = (
  body: ChangedTerms,
  known: Pick<PolicyTerms, 'allowedHours' | 'ticketPatterns'>,
): PolicyTerms => {
  const { allowedHours, ticketPatterns, ticket } = body;
  const kept = ticket === 'off' ? [] : known.ticketPatterns;
  return {
    ...termsOf({ ...body, allowedHours: allowedHours ?? null, ticketPatterns: ticketPatterns ?? [...kept] }),
    ...(allowedHours === undefined ? { allowedHours: known.allowedHours } : {}),
  };
};
