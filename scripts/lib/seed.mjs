// A small MSP to try things with. Whatever is there already is used again.
import { listAll } from './curfew-api.mjs';
import { contoso, contosoApp, contosoTenant, roles } from './contoso.mjs';
import { makeCertificate } from './certificate.mjs';

export const people = {
  owner: { username: 'olivia', displayName: 'Olivia Owner', role: 'owner' },
  technician: { username: 'theo', displayName: 'Theo Technician', role: 'technician' },
};
export const organization = { slug: 'acme-msp', name: 'Acme MSP' };

/**
 * @param {{ owner: ReturnType<import('./curfew-api.mjs').curfewApi>,
 *   simulator: ReturnType<import('./simulator-control.mjs').simulatorControl> }} parts
 * @returns the customer, and its policies by name
 */
export const seedCustomer = async ({ owner, simulator }) => {
  const customer = await findOrMake(owner, '/customers', { name: 'Contoso' });
  const truth = await connect({ owner, simulator }, customer);
  const groupId = (name) => truth.groups.find(({ displayName }) => displayName === name).id;
  const policies = {};
  for (const policy of policiesOf(customer, groupId)) {
    policies[policy.name] = await findOrMake(owner, '/access-policies', policy);
  }
  return { customer, policies };
};

const findOrMake = async (owner, path, body) =>
  (await listAll(owner, path)).find(({ name }) => name === body.name) ?? owner.post(path, body);

/** Consent and connection go together: the certificate's key is nowhere but in the connection. */
const connect = async ({ owner, simulator }, customer) => {
  const truth = await simulator.truth(contoso.tenantId);
  const path = `/customers/${customer.id}/entra-connection`;
  if (truth !== null && (await isThere(owner, path))) return truth;
  const { certificate, pem } = await makeCertificate('curfew.acme-msp.example');
  if (truth === null) await simulator.makeTenant(contoso.tenantId, contosoTenant(certificate));
  else await simulator.patchTenant(contoso.tenantId, { apps: [contosoApp(certificate)] });
  await owner.put(path, {
    cloud: 'custom',
    tenantId: contoso.tenantId,
    clientId: contoso.clientId,
    credential: { kind: 'certificate', value: pem },
    domain: contoso.domain,
  });
  return simulator.truth(contoso.tenantId);
};

const isThere = (api, path) =>
  api.get(path).then(
    () => true,
    (error) => {
      if (error.problem?.status === 404) return false;
      throw error;
    },
  );

const policiesOf = ({ id: customerId }, groupId) => [
  {
    customerId,
    name: 'Helpdesk',
    roles: [roles.helpdeskAdministrator],
    groups: [groupId(contoso.groups.helpdesk)],
    credential: 'pass',
    defaultDurationSeconds: 3_600,
    maximumDurationSeconds: 8 * 3_600,
  },
  {
    customerId,
    name: 'Global admin',
    roles: [roles.globalAdministrator],
    credential: 'pass',
    defaultDurationSeconds: 1_800,
    maximumDurationSeconds: 2 * 3_600,
    reason: 'required',
  },
  {
    customerId,
    name: 'Mail',
    roles: [roles.exchangeAdministrator],
    groups: [groupId(contoso.groups.mail)],
    credential: 'password',
    defaultDurationSeconds: 3_600,
    maximumDurationSeconds: 4 * 3_600,
  },
];
