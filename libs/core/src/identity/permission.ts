import type { OrganizationId, TechnicianId } from '#core/shared';
import type { TechnicianRole } from './technician.js';

/** Everything that can be asked of the API, as noun:verb. A route without one does not start. */
export const PERMISSIONS = [
  'access-request:create',
  'access-request:read',
  'access-request:cancel',
  'grant:read',
  'grant:reveal',
  'grant:extend',
  'grant:end',
  'customer:create',
  'customer:read',
  'entra-connection:read',
  'entra-connection:write',
  'entra-connection:validate',
  'organization-app:read',
  'organization-app:write',
  'directory:read',
  'access-policy:create',
  'access-policy:read',
  'access-policy:write',
  'role-ceiling:read',
  'role-ceiling:write',
  'kill-switch:pull',
  'kill-switch:read',
  'kill-switch:lift',
  'technician:read',
  'technician:write',
  'technician-group:read',
  'technician-group:write',
  'account:read',
  'customer:remove',
  'entra-connection:remove',
  'entra-connection:leave-behind',
  'audit-event:read',
  'alarm:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who asks: a technician of one organization, with the role that the token carries. */
export interface Actor {
  readonly organizationId: OrganizationId;
  readonly technicianId: TechnicianId;
  readonly username: string;
  readonly displayName: string;
  readonly role: TechnicianRole;
  readonly tokenId: string;
}

/** What is asked about; `ownerId` is the technician to whom it belongs. */
export interface Subject {
  readonly organizationId: OrganizationId;
  readonly ownerId?: TechnicianId;
}

export type Verdict =
  | { readonly allowed: true; readonly rule: string }
  | { readonly allowed: false; readonly why: 'other_organization' | 'no_rule' };

const READ: readonly Permission[] = [
  'customer:read',
  'access-policy:read',
  'role-ceiling:read',
  'access-request:read',
  'grant:read',
  'alarm:read',
  'account:read',
  'technician:read',
  'technician-group:read',
];
const OWN: readonly Permission[] = [
  'access-request:create',
  'access-request:cancel',
  'grant:extend',
  'grant:end',
  'grant:reveal',
  // Of oneself: whoever lost a laptop need not find an admin first.
  'kill-switch:pull',
];
const MANAGE: readonly Permission[] = [
  'customer:create',
  'entra-connection:read',
  'entra-connection:write',
  'entra-connection:validate',
  'organization-app:read',
  'organization-app:write',
  // For whom it is set up: it shows how the customer's tenant is built, and each look is a call to it.
  'directory:read',
  'access-policy:create',
  'access-policy:write',
  'technician:write',
  'technician-group:write',
  'customer:remove',
  'entra-connection:remove',
];

const STOP: readonly Permission[] = [
  'grant:end',
  'access-request:cancel',
  'kill-switch:pull',
  'kill-switch:read',
];

/** What a role may do to anything of its organization, and what only to its own. */
const rules: Readonly<
  Record<TechnicianRole, { readonly any: readonly Permission[]; readonly own: readonly Permission[] }>
> = {
  // What was held is given again by an owner alone, and an owner alone gives up what nobody can prove.
  owner: {
    any: [
      ...READ,
      ...MANAGE,
      ...STOP,
      'kill-switch:lift',
      'role-ceiling:write',
      'entra-connection:leave-behind',
      'audit-event:read',
    ],
    own: OWN,
  },
  admin: { any: [...READ, ...MANAGE, ...STOP, 'audit-event:read'], own: OWN },
  approver: { any: [...READ, 'grant:end', 'kill-switch:read'], own: OWN },
  technician: {
    any: ['customer:read', 'access-policy:read'],
    own: ['access-request:read', 'grant:read', 'kill-switch:read', ...OWN],
  },
  auditor: {
    any: [...READ, 'entra-connection:read', 'organization-app:read', 'kill-switch:read', 'audit-event:read'],
    own: [],
  },
};

/** Whether the actor may, and by which rule. Another organization first, then deny by default. */
export const may = (actor: Actor, permission: Permission, subject: Subject): Verdict => {
  if (actor.organizationId !== subject.organizationId) return { allowed: false, why: 'other_organization' };
  const rule = rules[actor.role];
  if (rule.any.includes(permission)) return { allowed: true, rule: `${actor.role}:any` };
  if (rule.own.includes(permission) && subject.ownerId === actor.technicianId) {
    return { allowed: true, rule: `${actor.role}:own` };
  }
  return { allowed: false, why: 'no_rule' };
};

/** Whether the role may do it to something at all: what the route guard asks before anything is read. */
export const mayAtAll = (role: TechnicianRole, permission: Permission): boolean =>
  rules[role].any.includes(permission) || rules[role].own.includes(permission);

/** Whether the role sees everybody's, or only its own. */
export const seesAll = (role: TechnicianRole, permission: Permission): boolean =>
  rules[role].any.includes(permission);
