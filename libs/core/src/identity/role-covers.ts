import type { TechnicianRole } from './technician.js';

/** What a person of a role may hand on to a token. */
const covered: Readonly<Record<TechnicianRole, readonly TechnicianRole[]>> = {
  owner: ['owner', 'admin', 'approver', 'technician', 'auditor'],
  admin: ['admin', 'approver', 'technician', 'auditor'],
  approver: ['approver', 'technician'],
  technician: ['technician'],
  auditor: ['auditor'],
};

/** Whether the other role gives nothing that this one doesn't. */
export const roleCovers = (role: TechnicianRole, other: TechnicianRole): boolean =>
  covered[role].includes(other);
