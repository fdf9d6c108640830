export type { ChangeTechnicianCommand } from './change-technician.js';
export {
  ChangeTechnicianGroup,
  SetGroupMembers,
  type ChangeTechnicianGroupCommand,
  type SetGroupMembersCommand,
} from './change-technician-group.js';
export { ChangeTechnicianRole } from './change-technician-role.js';
export { FinishRemovals } from './finish-removals.js';
export { LeaveBehind, type LeaveBehindCommand } from './leave-behind.js';
export { readRemoval, type Removal, type RemovalCommand } from './removal.js';
export { ReinstateTechnician } from './reinstate-technician.js';
export { RemoveConnection, RemoveCustomer } from './remove-customer.js';
export { RemoveTechnician } from './remove-technician.js';
export { SuspendTechnician } from './suspend-technician.js';
