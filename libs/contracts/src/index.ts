import { accessPolicyRoutes } from './access-policies.js';
import { accessRequestRoutes } from './access-requests.js';
import { alarmRoutes } from './alarms.js';
import { auditEventRoutes } from './audit-events.js';
import { consentRoutes } from './consents.js';
import { customerHealthRoutes } from './customer-health.js';
import { customerImportRoutes } from './customer-imports.js';
import { customerRoutes } from './customers.js';
import { directoryRoutes } from './directory.js';
import { grantRoutes } from './grants.js';
import { healthRoutes } from './health.js';
import { killSwitchRoutes } from './kill-switch.js';
import { organizationAppRoutes } from './organization-app.js';
import { pendingCertificateRoutes } from './pending-certificate.js';
import { policyReachRoutes } from './policy-reach.js';
import { promiseRoutes } from './promise.js';
import { removalRoutes } from './removals.js';
import { roleCeilingRoutes } from './role-ceiling.js';
import { takeBackRoutes } from './take-back.js';
import { technicianGroupRoutes } from './technician-groups.js';
import { technicianRoutes } from './technicians.js';
import { validationRunRoutes } from './validation-runs.js';
import { validationRoutes } from './validations.js';

export type { CustomerImportOut } from './customer-imports.js';
export type { AccessPolicyOut } from './access-policies.js';
export type { AccessRequestOut } from './access-requests.js';
export type { AlarmOut } from './alarms.js';
export type { AuditEventOut } from './audit-events.js';
export type { ConsentOut } from './consents.js';
export type {
  CustomerOut,
  EntraConnectionOut,
  CustomerCredentialIn,
  OfferedCredentialIn,
  RevokerCredentialOut,
} from './customers.js';
export type {
  DirectoryDomainOut,
  DirectoryGroupOut,
  DirectoryRoleOut,
  DirectoryUnitOut,
} from './directory.js';
export type { CustomerHealthOut } from './customer-health.js';
export type { GrantOut } from './grants.js';
export type { AccountByHandOut, KillSwitchOut, KillSwitchProgressOut } from './kill-switch.js';
export type { ManagedAccountOut } from './managed-accounts.js';
export type { OrganizationAppOut } from './organization-app.js';
export type { PendingCertificateOut } from './pending-certificate.js';
export { ROUTE_PERMISSIONS, type RoutePermission } from './permissions.js';
export type { PolicyPreviewOut, PolicyReachOut } from './policy-reach.js';
export { problem, type Problem } from './problem.js';
export { PROMISE } from './promise.js';
export type { RemovalOut } from './removals.js';
export type { RoleCeilingOut } from './role-ceiling.js';
export type { TakeBackOut } from './take-back.js';
export type { TechnicianGroupOut } from './technician-groups.js';
export type { TechnicianOut } from './technicians.js';
export type { ValidationRunLineOut, ValidationRunOut } from './validation-runs.js';
export type { ValidationOut } from './validations.js';
export { problemsOf, type ProblemStatus, type Route } from './route.js';

/** Every route of the API. */
export const routes = {
  ...accessRequestRoutes,
  ...grantRoutes,
  ...customerRoutes,
  ...pendingCertificateRoutes,
  ...customerImportRoutes,
  ...organizationAppRoutes,
  ...consentRoutes,
  ...directoryRoutes,
  ...accessPolicyRoutes,
  ...policyReachRoutes,
  ...roleCeilingRoutes,
  ...killSwitchRoutes,
  ...alarmRoutes,
  ...removalRoutes,
  ...validationRoutes,
  ...validationRunRoutes,
  ...takeBackRoutes,
  ...customerHealthRoutes,
  ...technicianRoutes,
  ...technicianGroupRoutes,
  ...auditEventRoutes,
  ...healthRoutes,
  ...promiseRoutes,
};
