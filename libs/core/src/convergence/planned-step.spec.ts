import { idOf, type ObjectId, type RoleId } from '#core/shared';
import { isRead, keyOf, planned } from './planned-step.js';

const user: ObjectId = idOf('u');
const roleId: RoleId = idOf('r');

describe('the key of a step', () => {
  it('tells the same role in the whole tenant and in a unit apart, and knows the tenant by either name', () => {
    const call = { do: 'assignRole', user, roleId } as const;

    expect(keyOf(call)).toBe('assignRole:r');
    expect(keyOf({ ...call, scope: '/' })).toBe('assignRole:r');
    expect(keyOf({ ...call, scope: '/administrativeUnits/a' })).toBe('assignRole:r@/administrativeUnits/a');
    expect(keyOf({ do: 'endTimedRole', user, roleId, scope: '/administrativeUnits/a' })).toBe(
      'endTimedRole:r@/administrativeUnits/a',
    );
  });

  it('names what is joined or left, and nothing for what there is one of', () => {
    expect(keyOf({ do: 'addToUnit', user, unitId: idOf('a') })).toBe('addToUnit:a');
    expect(keyOf({ do: 'removeFromGroup', user, groupId: idOf('g') })).toBe('removeFromGroup:g');
    expect(keyOf({ do: 'deleteMethod', user, method: { kind: 'fido2', id: 'm' } })).toBe('deleteMethod:m');
    expect(keyOf({ do: 'disable', user })).toBe('disable');
  });
});

describe('a step that reads', () => {
  it('is each list, that of timed roles too, and nothing that changes anything', () => {
    const kinds = ['readUser', 'listRoleAssignments', 'listRoleSchedules', 'listEligibilities'] as const;

    expect(kinds.every((kind) => isRead(planned('then', { do: kind, user })))).toBe(true);
    expect(isRead(planned('then', { do: 'endTimedRole', user, roleId }))).toBe(false);
  });
});
