import fc from 'fast-check';
import { placeOf, roleInUnit } from '#core/accounts';
import { idOf, type RoleId } from '#core/shared';
import { aboveCeiling, underCeiling } from './role-ceiling.js';

const roles = ['reader', 'helpdesk', 'global'].map((id): RoleId => idOf(id));
const keys = roles.flatMap((role) => [role, roleInUnit(role, idOf('north'))]);

describe('A ceiling of roles', () => {
  it('keeps nothing back where there is none', () => {
    expect(underCeiling({ roles: keys, groups: [] }, null)).toEqual({ roles: keys, groups: [] });
    expect(aboveCeiling(keys, null)).toEqual([]);
  });

  it('keeps back a role in the tenant and in a unit alike, and no group', () => {
    const groups = [idOf<'entra group'>('g')];
    const [reader = keys[0], readerInNorth] = keys;

    expect(underCeiling({ roles: keys, groups }, roles.slice(0, 1))).toEqual({
      roles: [reader, readerInNorth],
      groups,
    });
    expect(aboveCeiling(keys, roles.slice(0, 1))).toEqual(['helpdesk', 'global']);
    expect(underCeiling({ roles: keys, groups }, [])).toEqual({ roles: [], groups });
  });

  it('divides whatever it is held against', () => {
    fc.assert(
      fc.property(fc.subarray(keys), fc.option(fc.subarray(roles)), (given, ceiling) => {
        const left = underCeiling({ roles: given, groups: [] }, ceiling).roles;
        const above = new Set(aboveCeiling(given, ceiling));
        expect(left).toEqual(given.filter((role) => !above.has(placeOf(role).roleId)));
        expect(left.every((role) => ceiling?.includes(placeOf(role).roleId) ?? true)).toBe(true);
      }),
    );
  });
});
