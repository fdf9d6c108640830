import { roleAssignmentId, uuidFrom } from './ids.js';

describe('Ids', () => {
  it('a role assignment has the id that Microsoft documents for the same role and principal', () => {
    // Sample of the unifiedRoleAssignment reference: Global Administrator at tenant scope.
    expect(
      roleAssignmentId('62e90394-69f5-4237-9190-012177145e10', '4ab0b690-479b-47ff-af8f-2576cf521872', '/'),
    ).toBe('lAPpYvVpN0KRkAEhdxReEJC2sEqbR_9Hr48lds9SGHI-1');
  });

  it('another scope gives another id', () => {
    const ids = ['/', '/administrativeUnits/1'].map((scope) =>
      roleAssignmentId('62e90394-69f5-4237-9190-012177145e10', '4ab0b690-479b-47ff-af8f-2576cf521872', scope),
    );

    expect(new Set(ids).size).toBe(2);
  });

  it('an id from a text is a GUID and always the same', () => {
    expect(uuidFrom('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidFrom('a')).toBe(uuidFrom('a'));
    expect(uuidFrom('a')).not.toBe(uuidFrom('b'));
  });
});
