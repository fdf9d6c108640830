export { type ApiToken, type ApiTokenStore, type TokenId } from './api-token.js';
export { AuthenticateToken } from './authenticate-token.js';
export { CreateApiToken, type CreateApiTokenCommand } from './create-api-token.js';
export { CreateOrganization, type CreateOrganizationCommand } from './create-organization.js';
export { CreateTechnician, type CreateTechnicianCommand } from './create-technician.js';
export { CreateTechnicianGroup, type CreateTechnicianGroupCommand } from './create-technician-group.js';
export { identityErrors } from './identity.errors.js';
export {
  may,
  mayAtAll,
  PERMISSIONS,
  seesAll,
  type Actor,
  type Permission,
  type Subject,
  type Verdict,
} from './permission.js';
export { SetUnusedAccountDays } from './set-unused-account-days.js';
export { RevokeApiToken, type RevokeApiTokenCommand } from './revoke-api-token.js';
export { type Doorway, type IdentityStores } from './stores.js';
export {
  type Technician,
  type GroupWithMembers,
  type TechnicianGroup,
  type TechnicianGroupStore,
  type TechnicianRole,
  type TechnicianStore,
} from './technician.js';
