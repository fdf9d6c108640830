import type { GraphContext } from './context.js';
import { badRequest, notFound, type GraphError } from './errors.js';

export const alreadyThere = (property: string): GraphError =>
  badRequest(
    `One or more added object references already exist for the following modified properties: '${property}'.`,
  );

/** Removing a reference that is not there: 404 or 400, as the tenant's switch says. */
export const notThere = (ctx: GraphContext, id: string): GraphError =>
  ctx.tenant.config.switches.memberNotFound === 404
    ? notFound(id)
    : badRequest(
        "One or more removed object references do not exist for the following modified properties: 'members'.",
      );

/** Adding a reference to an object that no replica of this request knows: 404 or 400, by switch. */
export const notThereYet = (ctx: GraphContext, id: string): GraphError =>
  ctx.tenant.config.switches.newMemberNotFound === 404
    ? notFound(id)
    : badRequest("The source resource object or one of the objects being referenced don't exist.");

export const requiredOf = (resource: string, property: string): GraphError =>
  badRequest(`A value is required for property '${property}' of resource '${resource}'.`);

/** The wording is not documented. */
export const noLicence = (): GraphError =>
  badRequest('The tenant needs a Microsoft Entra ID P1 or P2 licence for this.');

export const masteredElsewhere = (): GraphError =>
  badRequest(
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
  );
