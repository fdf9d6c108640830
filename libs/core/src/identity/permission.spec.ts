import { idOf } from '#core/shared';
import { may, mayAtAll, PERMISSIONS, seesAll, type Actor, type Permission } from './permission.js';
import type { TechnicianRole } from './technician.js';

type Reach = 'any' | 'own' | '-';
const ROLES: readonly TechnicianRole[] = ['owner', 'admin', 'approver', 'technician', 'auditor'];

/** The whole of it, in the order of ROLES. */
const table: Readonly<Record<Permission, readonly [Reach, Reach, Reach, Reach, Reach]>> = {
  'access-request:create': ['own', 'own', 'own', 'own', '-'],
  'access-request:read': ['any', 'any', 'any', 'own', 'any'],
  'access-request:cancel': ['any', 'any', 'own', 'own', '-'],
  'grant:read': ['any', 'any', 'any', 'own', 'any'],
  'grant:reveal': ['own', 'own', 'own', 'own', '-'],
  'grant:extend': ['own', 'own', 'own', 'own', '-'],
  'grant:end': ['any', 'any', 'any', 'own', '-'],
  'customer:create': ['any', 'any', '-', '-', '-'],
  'customer:read': ['any', 'any', 'any', 'any', 'any'],
  'entra-connection:read': ['any', 'any', '-', '-', 'any'],
  'entra-connection:write': ['any', 'any', '-', '-', '-'],
  'entra-connection:validate': ['any', 'any', '-', '-', '-'],
  'organization-app:read': ['any', 'any', '-', '-', 'any'],
  'organization-app:write': ['any', 'any', '-', '-', '-'],
  'directory:read': ['any', 'any', '-', '-', '-'],
  'access-policy:create': ['any', 'any', '-', '-', '-'],
  'access-policy:read': ['any', 'any', 'any', 'any', 'any'],
  'access-policy:write': ['any', 'any', '-', '-', '-'],
  'role-ceiling:read': ['any', 'any', 'any', '-', 'any'],
  'role-ceiling:write': ['any', '-', '-', '-', '-'],
  'kill-switch:pull': ['any', 'any', 'own', 'own', '-'],
  'kill-switch:read': ['any', 'any', 'any', 'own', 'any'],
  'kill-switch:lift': ['any', '-', '-', '-', '-'],
  'technician:read': ['any', 'any', 'any', '-', 'any'],
  'technician:write': ['any', 'any', '-', '-', '-'],
  'technician-group:read': ['any', 'any', 'any', '-', 'any'],
  'technician-group:write': ['any', 'any', '-', '-', '-'],
  'account:read': ['any', 'any', 'any', '-', 'any'],
  'customer:remove': ['any', 'any', '-', '-', '-'],
  'entra-connection:remove': ['any', 'any', '-', '-', '-'],
  'entra-connection:leave-behind': ['any', '-', '-', '-', '-'],
  'audit-event:read': ['any', 'any', '-', '-', 'any'],
  'alarm:read': ['any', 'any', 'any', '-', 'any'],
};
const cells = PERMISSIONS.flatMap((permission) =>
  ROLES.map((role, index) => ({ role, permission, reach: table[permission][index] ?? '-' })),
);

const organizationId = idOf<'organization'>('ours');
const me = idOf<'technician'>('me');
const actor = (role: TechnicianRole): Actor => ({
  organizationId,
  technicianId: me,
  username: 'me',
  displayName: 'Me',
  role,
  tokenId: 'token',
});
const mine = { organizationId, ownerId: me };
const somebodys = { organizationId, ownerId: idOf<'technician'>('somebody') };
const nobodys = { organizationId };

describe('may', () => {
  it.each(cells)('$role: $permission of $reach', ({ role, permission, reach }) => {
    expect(may(actor(role), permission, mine).allowed).toBe(reach !== '-');
    expect(may(actor(role), permission, somebodys).allowed).toBe(reach === 'any');
    expect(may(actor(role), permission, nobodys).allowed).toBe(reach === 'any');
  });

  it.each(cells)('$role: $permission of nothing in another organization, not even its own', (cell) => {
    const theirs = { organizationId: idOf<'organization'>('theirs') };
    for (const subject of [theirs, { ...theirs, ownerId: me }]) {
      expect(may(actor(cell.role), cell.permission, subject)).toEqual({
        allowed: false,
        why: 'other_organization',
      });
    }
  });

  it.each(ROLES)('denies %s what no rule names', (role) => {
    expect(may(actor(role), 'tenant:erase' as Permission, mine)).toEqual({ allowed: false, why: 'no_rule' });
  });

  it('answers with the rule that allowed it', () => {
    expect(may(actor('admin'), 'grant:end', somebodys)).toEqual({ allowed: true, rule: 'admin:any' });
    expect(may(actor('technician'), 'grant:end', mine)).toEqual({ allowed: true, rule: 'technician:own' });
  });
});

describe('the route guard', () => {
  it.each(cells)('$role: $permission at all only when of any or its own', ({ role, permission, reach }) => {
    expect(mayAtAll(role, permission)).toBe(reach !== '-');
    expect(seesAll(role, permission)).toBe(reach === 'any');
  });
});
