// From the simulator's own records to the figures of one grant.
import { ROLES } from './scene.mjs';

const GIVEN = { 'user.enabled': 1, 'role.assigned': ROLES.length, 'group.joined': 3 };

/**
 * When the account became usable: the last of what was to be given, as the simulator committed it.
 * @returns `{ usableAt, objectId }`
 */
export const usableOf = (history, upn) => {
  const its = history.filter(({ userPrincipalName }) => userPrincipalName === upn);
  for (const [what, count] of Object.entries(GIVEN)) {
    const found = its.filter((entry) => entry.what === what).length;
    if (found !== count)
      throw new Error(`${upn}: ${found} × ${what} in the simulator's history, not ${count}.`);
  }
  const instants = its.filter(({ what }) => what in GIVEN).map(({ at }) => Date.parse(at));
  return { usableAt: Math.max(...instants), objectId: its[0].objectId };
};

/** The requests to Graph of one app in one tenant, without readings of other accounts that fall into the same moment. */
export const callsFor = (requests, { tenantId, appId, objectId }) =>
  requests
    .filter((entry) => entry.tenantId === tenantId && entry.appId === appId)
    .filter(({ kind }) => kind === 'graph' || kind === 'batch')
    .filter((entry) =>
      partsOf(entry).some((part) => isWrite(part) || part.url.includes(objectId) || entry.kind === 'graph'),
    );

export const tokenCalls = (requests, { tenantId, appId }) =>
  requests.filter((entry) => entry.kind === 'token' && entry.tenantId === tenantId && entry.appId === appId)
    .length;

/** A single request is a batch of one. */
export const partsOf = ({ parts, method, path, status }) =>
  parts ?? [{ method, url: path.replace('/v1.0', ''), status }];

export const isWrite = ({ method }) => method !== 'GET';

/** Calls, the requests inside them, writes, and resource units by Microsoft's price list. */
export const costOf = (calls) => {
  const parts = calls.flatMap(partsOf);
  const units = parts.map((part) => (isWrite(part) ? 1 : unitsOfRead(part.url)));
  return {
    calls: calls.length,
    parts: parts.length,
    writes: parts.filter(isWrite).length,
    units: units.reduce((sum, each) => sum + each, 0),
    simulatorCpuMs: Math.round(calls.reduce((sum, { cpuMs }) => sum + cpuMs, 0)),
  };
};

/** Lists of users and of memberships cost 2, all other reads here 1; `$select` takes one off, but never the last. */
const unitsOfRead = (url) => {
  const [path, query = ''] = url.split('?');
  const base = /\/memberOf$|^\/users$/.test(path) ? 2 : 1;
  return Math.max(1, base - (query.includes('$select') ? 1 : 0));
};

/** The simulator answers half-way through what it charges: it commits (and logs) after the first half. */
const firstHalf = (call) => Math.ceil(call.chargedMs / 2);
const arrivedAt = (call) => Date.parse(call.at) - firstHalf(call);
const answeredAt = (call) => Date.parse(call.at) + call.chargedMs - firstHalf(call);

/**
 * The way that could not be shorter: what came first (the create, or the reading of a parked account), then the batch
 * that gave the last of it; and where the time beyond it went.
 */
export const pathOf = (calls, { sentAt, usableAt, lagMs }) => {
  const before = calls.filter((call) => Date.parse(call.at) <= usableAt + 1);
  const [first] = before;
  const give = before.findLast((call) => partsOf(call).some((part) => isWrite(part) && part.status < 300));
  const created = first.method === 'POST' && first.path === '/v1.0/users';
  const waitedMs = created ? lagMs : 0;
  const tries = before.filter((call) => call !== first && partsOf(call).some(isWrite));
  return {
    usableMs: usableAt - sentAt,
    chargedMs: first.chargedMs + give.chargedMs + waitedMs,
    // To the commit and no further: with a lag the second call may leave when the first is visible, not when it is answered.
    strictMs: (waitedMs > 0 ? firstHalf(first) : first.chargedMs) + waitedMs + firstHalf(give),
    tries: tries.length,
    startMs: arrivedAt(first) - sentAt,
    betweenMs: arrivedAt(tries[0]) - answeredAt(first),
    giveMs: usableAt - Date.parse(give.at) + firstHalf(give),
    overshootMs: created && lagMs > 0 ? usableAt - (Date.parse(first.at) + lagMs) : '',
  };
};
