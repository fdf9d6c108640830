// The tenants behind a fleet, as the simulator has them.
import { permissions, roles } from '../../scripts/lib/contoso.mjs';
import { inStep } from '../lib/in-step.mjs';

const AT_ONCE = 8;
export const ROLE = roles.helpdeskAdministrator;

/**
 * Makes each customer's tenant anew: its accounts are enabled and hold their role, as a grant leaves them; or they are parked.
 * @returns the ids of the role assignments by object id
 */
export const makeTenants = async (simulator, customers, { parked = false } = {}) => {
  const assignments = new Map();
  await inStep(customers, AT_ONCE, async (customer) => {
    const { users } = await simulator.makeTenant(customer.tenantId, specOf(customer, parked));
    for (const { id, roles: held } of users) {
      const role = held.find((each) => each.id === ROLE);
      if (role !== undefined) assignments.set(id, role.assignmentId);
    }
  });
  return assignments;
};

/** An app registration for each, as docs/install.md has it: no limit is shared by all of them. */
const specOf = ({ name, domain, clientId, secret, accounts }, parked) => ({
  displayName: name,
  licence: 'P1',
  domains: [{ name: domain, isDefault: true, isInitial: true }],
  apps: [
    {
      clientId,
      displayName: 'Curfew',
      secrets: [{ value: secret }],
      permissions,
      directoryRoles: ['Privileged Authentication Administrator'],
    },
  ],
  users: accounts.map(({ objectId, upn, displayName, marker }) => ({
    id: objectId,
    userPrincipalName: upn,
    displayName,
    extensionAttribute15: marker,
    accountEnabled: !parked,
    roles: parked ? [] : [ROLE],
  })),
});
