export {
  LONGEST_SECONDS,
  SHORTEST_SECONDS,
  type AccessPolicy,
  type AccessPolicyStore,
  type FieldRule,
} from './access-policy.js';
export { type AccessRequest, type AccessRequestState, type AccessRequestStore } from './access-request.js';
export { accessErrors } from './access.errors.js';
export { type AccessStores, type AllStores } from './stores.js';
