// An MSP admin's first half hour, played and judged: the steps of `npm run demo -- onboarding`.
import { randomUUID } from 'node:crypto';
import { URLSearchParams } from 'node:url';
import { makeCertificate } from './certificate.mjs';
import { runConsole } from './console.mjs';
import { permissions, roles } from './contoso.mjs';
import { curfewApi } from './curfew-api.mjs';
import { expect, sayer, until } from './play.mjs';
import { organization, people } from './seed.mjs';
import { simulatorControl } from './simulator-control.mjs';

const READY_MS = 60_000;

/** Throws what deviates from what the docs promise. */
export const playOnboarding = async (stack) => {
  const scene = await firstDay(stack);
  console.log(
    `\nOlivia has just installed Curfew for ${organization.name}. Her customers stand in a list.\n`,
  );
  await bringList(scene);
  await connect(scene);
  await validate(scene);
  await prove(scene);
  await map(scene);
  await firstGrant(scene);
  await connectByConsent(scene);
};

const firstDay = async (stack) => {
  const consoleOf = (...args) => runConsole(args, stack.environment);
  await consoleOf('organization', 'create', organization.slug, '--name', organization.name);
  const tokenOf = async ({ username, displayName, role }) => {
    await consoleOf(
      'technician',
      'create',
      organization.slug,
      username,
      '--name',
      displayName,
      '--role',
      role,
    );
    return consoleOf('token', 'create', organization.slug, username, '--days', '1');
  };
  const [owner, technician] = await Promise.all([tokenOf(people.owner), tokenOf(people.technician)]);
  const simulator = simulatorControl(stack.simulator);
  return {
    say: sayer(),
    simulator,
    owner: curfewApi(stack.api, owner),
    technician: curfewApi(stack.api, technician),
    tenantId: randomUUID(),
    clientId: randomUUID(),
  };
};

/** From another tool: with a mistake in it, as such lists are. */
const bringList = async (scene) => {
  const { say, owner, tenantId } = scene;
  const listOf = (wrong) =>
    `Name;Tenant ID;Domain\nFabrikam;${tenantId};fabrikam.example\nNorthwind;${wrong};northwind.example\nTailspin;;\n`;
  const send = (csv, dryRun) => owner.post('/customer-imports', { csv, dryRun });
  const tried = await send(listOf('not-a-tenant'), true);
  const [wrong] = tried.lines.filter(({ status }) => status === 'wrong');
  expect(
    !tried.written && wrong?.line === 3,
    `the dry run finds the wrong line (${JSON.stringify(tried.counts)})`,
  );
  say(`import: dry run, ${tried.counts.created} would be created; line ${wrong.line}: ${wrong.wrong.says}`);
  scene.northwindTenant = randomUUID();
  const done = await send(listOf(scene.northwindTenant), false);
  expect(done.written && done.counts.created === 3, `three are created (${JSON.stringify(done.counts)})`);
  const again = await send(listOf(scene.northwindTenant), true);
  expect(again.counts.created === 0, `the same list creates nothing twice (${JSON.stringify(again.counts)})`);
  const [fabrikamId, northwindId] = done.lines.map(({ customerId }) => customerId);
  Object.assign(scene, { customer: { id: fabrikamId }, northwind: { id: northwindId } });
  say(`import: ${done.counts.created} customers created; the same list again would create none`);
};

/** Curfew makes the certificate, the customer's administrator registers the app with it, Olivia connects. */
const connect = async (scene) => {
  const { say, owner, simulator, tenantId, clientId } = scene;
  const path = `/customers/${scene.customer.id}/entra-connection`;
  const made = await owner.post(`${path}/pending-certificate`, { validDays: 365 });
  say(
    `connect: Curfew made a certificate (${made.thumbprint}); its key stays here, the public part goes to Entra`,
  );
  scene.app = (given) => ({
    clientId,
    displayName: 'Curfew',
    certificates: [made.certificate],
    ...given,
  });
  const [forgotten, ...given] = permissions;
  await simulator.makeTenant(tenantId, fabrikam(scene.app({ permissions: given })));

  const credential = { kind: 'pending-certificate' };
  const put = (domain) => owner.put(path, { cloud: 'custom', tenantId, clientId, credential, domain });
  const missing = await refusalOf(put('fabrikam.example'));
  expect(missing.missingPermissions?.includes(forgotten), `a missing consent is named (${missing.code})`);
  say(`connect: refused, ${missing.detail} (${missing.missingPermissions.join(', ')})`);
  await simulator.patchTenant(tenantId, {
    apps: [scene.app({ permissions, directoryRoles: ['Privileged Authentication Administrator'] })],
  });
  const federated = await refusalOf(put('login.fabrikam.example'));
  expect(/federated/.test(federated.detail), `a federated domain is refused (${federated.detail})`);
  say(`connect: consent is complete now; refused, ${federated.detail}`);
  const connection = await put('fabrikam.example');
  say(`connected: ${connection.domain}, certificate until ${connection.credentialEndsAt.slice(0, 10)}`);
};

const fabrikam = (app) => ({
  displayName: 'Fabrikam',
  licence: 'P2',
  domains: [
    { name: 'fabrikam.onmicrosoft.com', isInitial: true },
    { name: 'fabrikam.example', isDefault: true },
    { name: 'login.fabrikam.example', authenticationType: 'Federated' },
  ],
  apps: [app],
  groups: [{ displayName: 'Helpdesk operators' }, { displayName: 'All staff', dynamic: true }],
  users: [
    { userPrincipalName: 'owner@fabrikam.example', displayName: 'Owner', roles: ['Global Administrator'] },
    { userPrincipalName: 'spare@fabrikam.example', displayName: 'Spare', roles: ['Global Administrator'] },
  ],
  passPolicy: { state: 'disabled' },
});

const validate = async ({ say, owner, simulator, customer, tenantId }) => {
  const run = () => owner.post(`/customers/${customer.id}/entra-connection/validate`);
  const line = (validation, id) => validation.lines.find((each) => each.id === id);
  const before = await run();
  const passes = line(before, 'passes');
  expect(passes.verdict !== 'pass', `Validate sees that passes are switched off (${passes.verdict})`);
  say(`validate: ${counts(before)}; passes: ${passes.says}`);
  say(`          to do: ${passes.mend}`);
  await simulator.patchTenant(tenantId, { passPolicy: { state: 'enabled' } });
  const after = await run();
  expect(line(after, 'passes').verdict === 'pass', 'Validate sees that they are on now');
  expect(after.verdict !== 'fail', `no line fails (${JSON.stringify(failing(after))})`);
  say(`validate: mended; ${counts(after)}`);
};

/** Throw-away accounts show that what is given there can be taken back. */
const prove = async ({ say, owner, customer }) => {
  const path = `/customers/${customer.id}/entra-connection/canary`;
  await owner.post(path);
  const { tiers } = await until(
    () => owner.get(path),
    (told) => told.tiers.every(({ state }) => !['running', 'unproven'].includes(state)),
    READY_MS,
  );
  expect(
    tiers.every(({ state }) => state === 'proven'),
    `take-back is proven (${JSON.stringify(tiers)})`,
  );
  say(
    `canary: made, made admins, disabled, deleted; take-back is proven for ${tiers.map(({ tier }) => tier).join(' and ')}`,
  );
};

const failing = ({ lines }) => lines.filter(({ verdict }) => verdict === 'fail');
const counts = ({ lines }) =>
  ['pass', 'warn', 'fail']
    .map((verdict) => `${lines.filter((line) => line.verdict === verdict).length} ${verdict}`)
    .join(', ');

const map = async (scene) => {
  const { say, owner, customer } = scene;
  const pick = (what, query = '') => owner.get(`/customers/${customer.id}/directory/${what}${query}`);
  const { items: groups } = await pick('groups', '?search=help');
  const helpdesk = groups.find(({ displayName }) => displayName === 'Helpdesk operators');
  expect(helpdesk !== undefined, 'the group can be picked');
  say(`map: picked “${helpdesk.displayName}” among ${groups.length} found for “help”`);
  const terms = {
    customerId: customer.id,
    name: 'Helpdesk',
    roles: [roles.helpdeskAdministrator],
    groups: [helpdesk.id],
    defaultDurationSeconds: 1_800,
    maximumDurationSeconds: 4 * 3_600,
    reason: 'required',
  };
  const { technicians, longestSeconds } = await owner.post('/access-policies/preview', terms);
  expect(technicians.total === 2, `the preview says who may use it (${technicians.total})`);
  say(
    `map: in a preview, ${technicians.total} people could have it, for ${longestSeconds / 3_600} hours at most`,
  );
  scene.policy = await owner.post('/access-policies', terms);
  say(
    'map: the policy “Helpdesk” gives Helpdesk Administrator and the group, for half an hour, four at most',
  );
};

const firstGrant = async (scene) => {
  const { say, technician, simulator, tenantId, customer, policy } = scene;
  const { grantId } = await technician.post('/access-requests', {
    customerId: customer.id,
    policyId: policy.id,
    reason: 'First day',
  });
  const read = () => technician.get(`/grants/${grantId}`);
  const active = await until(read, ({ state }) => !['scheduled', 'starting'].includes(state), READY_MS);
  expect(
    active.state === 'active',
    `the grant is active (${active.state}: ${active.failure?.message ?? ''})`,
  );
  const { pass } = await technician.post(`/grants/${grantId}/credentials`);
  const attempt = { userPrincipalName: active.upn, temporaryAccessPass: pass.value };
  const welcome = await simulator.signIn(tenantId, attempt);
  expect(welcome.ok, `sign-in with the pass works (${welcome.description ?? ''})`);
  say(`Theo is in, as ${active.upn} with ${welcome.roles.map(({ name }) => name).join(', ')}`);

  await technician.post(`/grants/${grantId}/end`);
  const ended = await until(read, ({ state }) => state === 'ended', READY_MS);
  const refused = await simulator.signIn(tenantId, attempt);
  expect(!refused.ok, 'sign-in is refused afterwards');
  expect(ended.proofs[0]?.enabled === false, 'the proof says that the account is disabled');
  say(`Theo ended it: sign-in refused (${refused.error}), proven by what Graph read back`);
  const { requests } = await simulator.violations();
  expect(requests.length === 0, `every request kept to Microsoft's schema (${JSON.stringify(requests[0])})`);
};

/** The next customer needs no app of its own: an admin there consents to Acme's. */
const connectByConsent = async ({ say, owner, simulator, northwind, northwindTenant }) => {
  const [home, clientId] = [randomUUID(), randomUUID()];
  const { certificate, pem } = await makeCertificate('curfew.acme-msp.example');
  const app = { clientId, displayName: 'Acme MSP', certificates: [certificate], multiTenant: true };
  const credential = { kind: 'certificate', value: pem };
  const asks = { permissions: [], requiredPermissions: permissions };
  await simulator.makeTenant(home, { displayName: 'Acme MSP', apps: [{ ...app, ...asks }] });
  await simulator.makeTenant(northwindTenant, {
    displayName: 'Northwind',
    domains: [{ name: 'northwind.example' }],
    users: [{ userPrincipalName: 'boss@northwind.example', roles: ['Global Administrator'] }],
  });
  await owner.put('/organization-app', { cloud: 'custom', tenantId: home, clientId, credential });
  const wish = { cloud: 'custom', tenantId: northwindTenant, domain: 'northwind.example' };
  const { url, redirectUri } = await owner.post(`/customers/${northwind.id}/consent-link`, wish);
  say(`consent: a link for Northwind's admin, to ${new URL(url).pathname}`);

  const back = new URL(redirectUri);
  back.search = new URLSearchParams({
    ...(await simulator.consent(northwindTenant, clientId)),
    state: new URL(url).searchParams.get('state'),
  }).toString();
  const page = await fetch(back);
  expect(page.ok, `the admin is thanked (${page.status})`);
  const consent = await until(
    () => owner.get(`/customers/${northwind.id}/consent`),
    ({ state }) => state === 'connected' || state === 'failed',
    READY_MS,
  );
  expect(consent.state === 'connected', `Northwind is connected (${JSON.stringify(consent.problem)})`);
  say('consent: given; proven by a token for that tenant, and Northwind is connected');
};

/** The problem that the API answered. */
const refusalOf = async (asked) => {
  try {
    await asked;
  } catch (error) {
    if (error.problem !== undefined) return error.problem;
    throw error;
  }
  throw new Error('Not as promised. Expected: a refusal.');
};
