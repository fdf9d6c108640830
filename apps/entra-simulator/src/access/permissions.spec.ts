import { appRoles, documentedPermissions, holdsAny } from './permissions.js';

const admits = (method: string, path: string, ...held: string[]): boolean =>
  holdsAny(new Set(held), documentedPermissions(method, path) ?? []);

describe('Permissions', () => {
  it("follow Microsoft's data, not the names", () => {
    expect(admits('DELETE', '/users/{user-id}', 'User.ReadWrite.All')).toBe(true);
    expect(admits('DELETE', '/users/{user-id}', 'Directory.ReadWrite.All')).toBe(false);
    expect(admits('GET', '/roleManagement/directory/roleAssignments', 'RoleManagement.Read.All')).toBe(false);
    expect(admits('GET', '/users/$count', 'User.Read.All')).toBe(true);
  });

  it('that are asked for together are all needed', () => {
    const assign = (...held: string[]) =>
      admits('POST', '/servicePrincipals/{id}/appRoleAssignments', ...held);

    expect(assign('AppRoleAssignment.ReadWrite.All')).toBe(false);
    expect(assign('AppRoleAssignment.ReadWrite.All', 'Application.Read.All')).toBe(true);
  });

  it('have the ids that Graph gives them', () => {
    expect(appRoles().get('User.Read.All')?.id).toBe('df021288-bdef-4463-88db-98f22de89214');
  });

  it('are not guessed for paths that the data does not know', () => {
    expect(documentedPermissions('GET', '/nowhere')).toBeUndefined();
  });
});
