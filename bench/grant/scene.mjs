// The scene: everything that `npm start` starts, an MSP with as many technicians as are needed, and a customer per condition.
import { randomUUID } from 'node:crypto';
import { openAdapters } from '#composition';
import { CreateApiToken, CreateOrganization, CreateTechnician } from '#core/identity';
import { createLogger, readApiConfig } from '#platform';
import { makeCertificate } from '../../scripts/lib/certificate.mjs';
import { contosoApp, roles } from '../../scripts/lib/contoso.mjs';
import { curfewApi } from '../../scripts/lib/curfew-api.mjs';
import { startStack } from '../../scripts/lib/stack.mjs';
import { simulatorOf } from './simulator.mjs';

/** Graph's answer times as they are told: half of them faster, one in a hundred slower than that. */
const LATENCY = { medianMs: 120, p99Ms: 400 };
const SECONDS = 3_600;
const QUEUE_FAREWELL_MS = 1_000;
export const ROLES = [roles.helpdeskAdministrator, roles.exchangeAdministrator];
const GROUPS = ['Helpdesk operators', 'Mail readers', 'Device readers'];

/** @returns the conditions (one customer each), `technicians` (their API clients) and the `simulator` */
export const openScene = async ({ directory, atEnd, seed, technicians, lags, log }) => {
  // A port that somebody chose for a Curfew that is to stay is not for this one.
  for (const name of ['CURFEW_API_PORT', 'PORT']) delete process.env[name];
  const stack = await startStack({ directory, log, restarts: false });
  atEnd(stack.stop);
  const simulator = simulatorOf(stack.simulator);
  atEnd(simulator.close);
  const tokens = await hire(stack.environment, technicians);
  const owner = curfewApi(stack.api, tokens.owner);
  const conditions = [];
  for (const lagMs of lags)
    conditions.push(await takeOn({ owner, simulator, address: stack.simulator }, lagMs));
  // From here on: onboarding is not what is measured.
  await simulator.settings({ latency: LATENCY, seed });
  await simulator.news();
  const apis = tokens.technicians.map((token) => curfewApi(stack.api, token));
  return { conditions, technicians: apis, simulator };
};

/** An organization and its people, by the same use cases as at the console: one process for all of them. */
const hire = async (environment, count) => {
  const logger = createLogger({ name: 'bench', level: 'error' });
  const adapters = await openAdapters(readApiConfig({ ...process.env, ...environment }), logger);
  try {
    await adapters.refreshClock();
    return await hireWith(adapters.ports, count);
  } finally {
    await adapters.close(QUEUE_FAREWELL_MS);
  }
};

const hireWith = async (ports, count) => {
  const actor = { kind: 'console' };
  const made = await new CreateOrganization(ports).execute({
    slug: 'acme-msp',
    name: 'Acme MSP',
    prefix: 'jit-',
  });
  const by = { organizationId: made.id, actor };
  const tokenOf = async (username, role) => {
    const technician = await new CreateTechnician(ports).execute({
      ...by,
      username,
      displayName: username,
      role,
    });
    const order = { ...by, technicianId: technician.id, role: null, days: 1 };
    return (await new CreateApiToken(ports).execute(order)).token.expose();
  };
  const owner = await tokenOf('olivia', 'owner');
  const technicians = [];
  for (let at = 0; at < count; at += 1) technicians.push(await tokenOf(`tech${at}`, 'technician'));
  return { owner, technicians };
};

/** A customer with its own tenant, whose replicas all lag by exactly that much. */
const takeOn = async ({ owner, simulator, address }, lagMs) => {
  const name = `lag-${lagMs}-ms`;
  const tenantId = randomUUID();
  const [clientId, naiveId, naiveSecret] = [randomUUID(), randomUUID(), randomUUID()];
  const { certificate, pem } = await makeCertificate('curfew.acme-msp.example');
  const app = contosoApp(certificate);
  const domain = `${name}.example`;
  const truth = await simulator.makeTenant(tenantId, {
    displayName: name,
    licence: 'P1',
    domains: [{ name: domain, isDefault: true, isInitial: true }],
    apps: [
      { ...app, clientId },
      { ...app, clientId: naiveId, certificates: [], secrets: [{ value: naiveSecret }] },
    ],
    groups: GROUPS.map((displayName) => ({ displayName })),
    lags: { directory: { minMs: lagMs, maxMs: lagMs, replicas: 3 } },
  });
  await simulator.settle(tenantId);
  const customer = await owner.post('/customers', { name });
  const credential = { kind: 'certificate', value: pem };
  await owner.put(`/customers/${customer.id}/entra-connection`, {
    ...{ cloud: 'custom', tenantId, clientId, credential, domain },
  });
  const groups = truth.groups.map(({ id }) => id);
  const policy = await owner.post('/access-policies', policyOf(customer, groups));
  const naive = { address, clientId: naiveId, secret: naiveSecret };
  return { name, lagMs, tenantId, clientId, domain, groups, customer, policy, naive };
};

const policyOf = (customer, groups) => ({
  customerId: customer.id,
  name: 'Three groups and two roles',
  roles: ROLES,
  groups,
  credential: 'pass',
  defaultDurationSeconds: SECONDS,
  maximumDurationSeconds: SECONDS,
});
