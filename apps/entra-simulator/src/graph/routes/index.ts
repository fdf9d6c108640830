import type { Route } from '../context.js';
import { auditLogRoutes } from './audit-logs.js';
import { conditionalAccessRoutes } from './conditional-access.js';
import { unitRoutes } from './administrative-units.js';
import { consentRoutes } from './consents.js';
import { deletedItemRoutes } from './deleted-items.js';
import { deltaRoutes } from './delta.js';
import { directoryObjectRoutes } from './directory-objects.js';
import { domainRoutes } from './domains.js';
import { directoryRoleRoutes } from './directory-roles.js';
import { groupRoutes } from './groups.js';
import { invitationRoutes } from './invitations.js';
import { licenceRoutes } from './licences.js';
import { memberOfRoutes } from './member-of.js';
import { methodRoutes } from './methods.js';
import { organizationRoutes } from './organization.js';
import { pimRoutes } from './pim.js';
import { policyRoutes } from './policies.js';
import { rolePolicyRoutes } from './role-policies.js';
import { roleRoutes } from './roles.js';
import { scopedRoleRoutes } from './scoped-role-members.js';
import { servicePrincipalRoutes } from './service-principals.js';
import { subscriptionRoutes } from './subscriptions.js';
import { userLinkRoutes } from './user-links.js';
import { userRoutes } from './users.js';

/** The whole of Graph that is simulated; a new area is a file here and a line below. */
export const allRoutes: readonly Route[] = [
  ...userRoutes,
  ...deltaRoutes,
  ...subscriptionRoutes,
  ...memberOfRoutes,
  ...groupRoutes,
  ...roleRoutes,
  ...directoryRoleRoutes,
  ...pimRoutes,
  ...rolePolicyRoutes,
  ...methodRoutes,
  ...policyRoutes,
  ...conditionalAccessRoutes,
  ...auditLogRoutes,
  ...organizationRoutes,
  ...servicePrincipalRoutes,
  ...consentRoutes,
  ...deletedItemRoutes,
  ...directoryObjectRoutes,
  ...domainRoutes,
  ...invitationRoutes,
  ...licenceRoutes,
  ...unitRoutes,
  ...scopedRoleRoutes,
  ...userLinkRoutes,
];
