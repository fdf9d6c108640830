import { lazily, readDataFile } from '../foundation/data-files.js';
import { uuidFrom } from '../foundation/ids.js';

export interface RoleTemplate {
  id: string;
  displayName: string;
}

interface RoleFile {
  roles: (RoleTemplate & { isPrivileged: boolean })[];
  whoCanPerformSensitiveActions: { 'targetHolds->callerRoles': Record<string, string[]> };
  whoCanResetPasswords: { 'targetHolds->callerRoles': Record<string, string[]> };
}

export const roleFile = lazily(() => readDataFile<RoleFile>('role-templates.json'));

const byId = lazily(() => new Map(roleFile().roles.map((role) => [role.id, role])));
const byName = lazily(() => new Map(roleFile().roles.map((role) => [role.displayName.toLowerCase(), role])));

export const allRoles = (): readonly RoleTemplate[] => roleFile().roles;
export const roleById = (id: string): RoleTemplate | undefined => byId().get(id.toLowerCase());
export const roleByNameOrId = (text: string): RoleTemplate | undefined =>
  byName().get(text.toLowerCase()) ?? roleById(text);

/** The id of the activated directoryRole object, which differs from tenant to tenant. */
export const directoryRoleId = (tenantId: string, templateId: string): string =>
  uuidFrom(`directoryRole ${tenantId} ${templateId}`);
