import type { Route } from '../context.js';
import { deletedItemRoutes } from './deleted-items.js';
import { groupRoutes } from './groups.js';
import { memberOfRoutes } from './member-of.js';
import { methodRoutes } from './methods.js';
import { organizationRoutes } from './organization.js';
import { policyRoutes } from './policies.js';
import { roleRoutes } from './roles.js';
import { servicePrincipalRoutes } from './service-principals.js';
import { userRoutes } from './users.js';

/** The whole of Graph that is simulated; a new area is a file here and a line below. */
export const allRoutes: readonly Route[] = [
  ...userRoutes,
  ...memberOfRoutes,
  ...groupRoutes,
  ...roleRoutes,
  ...methodRoutes,
  ...policyRoutes,
  ...organizationRoutes,
  ...servicePrincipalRoutes,
  ...deletedItemRoutes,
];
