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

/**
 * The calls to Graph of one app for one account. Read-backs of other accounts may fall into the same moment, even into the
 * same batch: what names another user, or takes away, is left out.
 */
export const callsFor = (requests, { condition, appId, objectId }) => {
  const known = new Set([objectId, ...condition.groups]);
  const isItsOwn = ({ method, url }) =>
    method !== 'DELETE' && (url.match(GUID) ?? []).every((named) => known.has(named));
  return requests
    .filter((entry) => entry.tenantId === condition.tenantId && entry.appId === appId)
    .filter(({ kind }) => kind === 'graph' || kind === 'batch')
    .map((entry) => ({ ...entry, parts: partsOf(entry).filter(isItsOwn) }))
    .filter(({ parts }) => parts.length > 0);
};

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A single request is a batch of one. */
const partsOf = ({ parts, method, path, status }) =>
  parts ?? [{ method, url: path.replace('/v1.0', ''), status }];

export const tokenCalls = (requests, { condition, appId }) =>
  requests
    .filter(({ kind, appId: by }) => kind === 'token' && by === appId)
    .filter(({ tenantId }) => tenantId === condition.tenantId).length;

const isWrite = ({ method }) => method !== 'GET';

/** Calls, the requests inside them, writes, and resource units by Microsoft's price list. */
export const costOf = (calls) => {
  const parts = calls.flatMap((call) => call.parts);
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
  const before = calls.filter(({ path }) => !path.endsWith('/temporaryAccessPassMethods'));
  const [first] = before;
  const give = before.findLast((call) => call.parts.some((part) => isWrite(part) && part.status < 300));
  const created = first.method === 'POST' && first.path === '/v1.0/users';
  const waitedMs = created ? lagMs : 0;
  const tries = before.filter((call) => call !== first && call.parts.some(isWrite));
  return {
    usableMs: usableAt - sentAt,
    chargedMs: first.chargedMs + give.chargedMs + waitedMs,
    // To the commit and no further: with a lag the second call may leave when the first is visible, not when it is answered.
    shortestMs: (waitedMs > 0 ? firstHalf(first) : first.chargedMs) + waitedMs + firstHalf(give),
    tries: tries.length,
    startMs: arrivedAt(first) - sentAt,
    betweenMs: arrivedAt(tries[0]) - answeredAt(first),
    giveMs: usableAt - Date.parse(give.at) + firstHalf(give),
    overshootMs: created && lagMs > 0 ? usableAt - (Date.parse(first.at) + lagMs) : '',
  };
};
