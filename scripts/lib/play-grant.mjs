// One grant, played and judged: the steps of `npm run demo`.
import { contoso, roles } from './contoso.mjs';
import { curfewApi } from './curfew-api.mjs';
import { clockOf, expect, msTo, sayer, until } from './play.mjs';
import { simulatorControl } from './simulator-control.mjs';

const SECONDS = 45;
/** The promise of the README for an end; what comes after it may take a little longer. */
const LATEST_END_MS = 60_000;
const LATEST_READY_MS = 60_000;

/** Throws what deviates from the promise. */
export const playGrant = async (stack, { customer, policies, tokens }) => {
  const say = sayer();
  const api = curfewApi(stack.api, tokens.technician);
  const simulator = simulatorControl(stack.simulator);

  console.log(
    `\nTheo, a technician of Acme MSP, needs Global Administrator at Contoso for ${SECONDS} seconds.\n`,
  );
  const { grantId } = await api.post('/access-requests', {
    customerId: customer.id,
    policyId: policies['Global admin'].id,
    durationSeconds: SECONDS,
    reason: 'Showing how it works',
  });
  const read = () => api.get(`/grants/${grantId}`);
  const asked = await read();
  say(`asked for; the account will be ${asked.upn}, until ${clockOf(asked.expiresAt)}`);

  const active = await until(
    read,
    ({ state }) => state !== 'scheduled' && state !== 'starting',
    LATEST_READY_MS,
  );
  expect(
    active.state === 'active',
    `the grant is active (it is ${active.state}: ${active.failure?.message ?? ''})`,
  );
  say('ready: created, given its role, enabled');

  const { pass } = await api.post(`/grants/${grantId}/credentials`);
  const signIn = () =>
    simulator.signIn(contoso.tenantId, { userPrincipalName: asked.upn, temporaryAccessPass: pass.value });
  say('revealed a Temporary Access Pass, made for this answer and kept nowhere');

  const welcome = await signIn();
  expect(welcome.ok, `sign-in with the pass works (${welcome.description ?? ''})`);
  expect(holds(welcome, roles.globalAdministrator), 'the session is a Global Administrator');
  say(`sign-in: let in, as ${welcome.roles.map(({ name }) => name).join(', ')}`);

  say(`now Theo works; nobody does anything until ${clockOf(asked.expiresAt)}`);
  const refused = await until(signIn, ({ ok }) => !ok, msTo(asked.expiresAt) + LATEST_END_MS);
  const lateMs = -msTo(asked.expiresAt);
  expect(
    refused.error === 'AADSTS50057',
    `sign-in is refused because the account is disabled (${refused.error})`,
  );
  expect(lateMs >= 0, `nobody was shut out before the end (${lateMs} ms)`);
  say(
    `sign-in: refused, ${refused.error} (${refused.description}) ${(lateMs / 1_000).toFixed(1)} s after the end`,
  );

  const ended = await until(read, ({ state }) => state === 'ended', LATEST_END_MS);
  const left = await leftOf(simulator, asked.upn);
  expect(left.length === 0, `nothing is left of it in Entra (${left.join(', ')})`);
  say('stripped: disabled, no role, no group, no pass');
  const [proof] = ended.proofs;
  expect(proof?.enabled === false, 'the proof says that the account is disabled');
  say(
    `proof: read back from Graph at ${clockOf(proof.graphAt)}: enabled ${proof.enabled}, roles ${proof.roles.length}, groups ${proof.groups.length}, methods ${proof.methods.length}`,
  );
  const { requests } = await simulator.violations();
  expect(requests.length === 0, `every request kept to Microsoft's schema (${JSON.stringify(requests[0])})`);
};

const leftOf = async (simulator, upn) => {
  const { users } = await simulator.truth(contoso.tenantId);
  const user = users.find(({ userPrincipalName }) => userPrincipalName === upn);
  if (user === undefined) return ['(the account is gone)'];
  return [
    ...(user.accountEnabled ? ['enabled'] : []),
    ...user.roles.map(({ name }) => `role ${name}`),
    ...user.groups.map(({ name }) => `group ${name}`),
    ...user.passes.map(() => 'a pass'),
  ];
};

const holds = ({ roles: held }, id) => held.some((role) => role.id === id);
