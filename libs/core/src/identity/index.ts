export { type ApiToken, type ApiTokenStore, type TokenId } from './api-token.js';
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
export { type Doorway, type IdentityStores } from './stores.js';
export { type Technician, type TechnicianRole, type TechnicianStore } from './technician.js';
