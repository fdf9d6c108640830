// One grant by Curfew, over its public API, judged by the simulator's records.
import { until } from '../lib/until.mjs';
import { callsFor, costOf, pathOf, tokenCalls, usableOf } from './judge.mjs';

/** Asks for access, waits until it is there, has the pass shown. */
export const giveByCurfew = async ({ simulator, api, condition }) => {
  const { customer, policy, clientId: appId, lagMs } = condition;
  await simulator.news();
  const sentAt = Date.now();
  const { grantId } = await api.post('/access-requests', { customerId: customer.id, policyId: policy.id });
  const apiMs = Date.now() - sentAt;
  const read = () => api.get(`/grants/${grantId}`);
  const grant = await until(read, ({ state }) => state !== 'scheduled' && state !== 'starting');
  if (grant.state !== 'active')
    throw new Error(`The grant is ${grant.state}: ${JSON.stringify(grant.failure)}`);
  const askedAt = Date.now();
  await api.post(`/grants/${grantId}/credentials`);
  const passMs = Date.now() - askedAt;
  const { requests, history } = await simulator.news();
  const { usableAt, objectId } = usableOf(history, grant.upn);
  const calls = callsFor(requests, { condition, appId, objectId });
  return {
    grantId,
    figures: {
      ...costOf(calls),
      tokens: tokenCalls(requests, { condition, appId }),
      ...pathOf(calls, { sentAt, usableAt, lagMs }),
      apiMs,
      passMs,
    },
  };
};

/** Ends the grant and waits until Graph has accepted every take-away: the account is parked. */
export const endByCurfew = async ({ api, grantId }) => {
  await api.post(`/grants/${grantId}/end`);
  await until(
    () => api.get(`/grants/${grantId}`),
    ({ takenAt }) => takenAt !== null,
  );
};

/** Until the read-back has proven it, so that nothing of it is left to do. */
export const untilProven = ({ api, grantId }) =>
  until(
    () => api.get(`/grants/${grantId}`),
    ({ state }) => state === 'ended',
  );
