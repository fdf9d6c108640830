import { randomUUID } from 'node:crypto';
import type { FaultState, HistoryEntry, RequestEntry, TrueUser } from '../control/contract.js';
import type { Interference } from '../control/interference.js';
import type { RequestLog } from '../control/records.js';
import { trueUser } from '../control/truth.js';
import { roleById } from '../directory/role-catalogue.js';
import type { Clock } from '../foundation/clock.js';
import type { User } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { signInsOf, type SignInLine } from './sign-ins.js';

/** What the page looks at. */
export interface Watched {
  readonly world: World;
  readonly clock: Clock;
  readonly requests: RequestLog;
  readonly interference: Interference;
}

interface TenantNews {
  readonly id: string;
  readonly displayName: string;
  readonly licence: string;
  readonly domains: readonly string[];
  readonly usersFound: number;
  readonly users: readonly TrueUser[];
  readonly roles: readonly { name: string; holders: readonly string[] }[];
}
export interface News {
  /** Of this run of the simulator: another one counts its entries anew. */
  readonly run: string;
  readonly tenants: readonly { id: string; displayName: string; users: number }[];
  readonly tenant: TenantNews | null;
  readonly signIns: readonly SignInLine[];
  readonly requests: readonly RequestEntry[];
  readonly changes: readonly HistoryEntry[];
  readonly faults: readonly FaultState[];
  /** To be sent with the next question. */
  readonly cursors: { requests: number; changes: number };
}

const run = randomUUID();
const mostTenants = 500;
const mostUsers = 200;
const mostHolders = 50;
const mostLines = 200;

/** What the page shows of one tenant, and what happened since its cursors: bounded, and without secrets. */
export function newsOf(simulator: Watched, query: URLSearchParams): News {
  const { world, clock, interference } = simulator;
  const tenant = world.tenants.get(query.get('tenant') ?? '') ?? [...world.tenants.values()][0];
  const requests = since(cursorIn(query, 'requests'), (seq) => simulator.requests.since(seq));
  const changes = since(cursorIn(query, 'changes'), (seq) =>
    tenant === undefined ? [] : world.history.query({ tenantId: tenant.id, since: seq }),
  );
  return {
    run,
    tenants: [...world.tenants.values()].slice(0, mostTenants).map(summaryOf),
    tenant: tenant === undefined ? null : aboutTenant(tenant, query.get('find') ?? '', clock.now()),
    signIns: tenant === undefined ? [] : signInsOf(simulator, tenant),
    requests: requests.entries,
    changes: changes.entries,
    faults: interference.listRules(),
    cursors: { requests: requests.cursor, changes: changes.cursor },
  };
}

/** The newest entries after the cursor, and where the next question begins. */
function since<T extends { seq: number }>(
  cursor: number,
  read: (seq: number) => T[],
): { entries: T[]; cursor: number } {
  const entries = read(cursor).slice(-mostLines);
  return { entries, cursor: entries.at(-1)?.seq ?? cursor };
}

const summaryOf = ({ id, config, users }: Tenant): News['tenants'][number] => ({
  id,
  displayName: config.displayName,
  users: countOf(users.truths()),
});

function cursorIn(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function countOf(things: Iterable<unknown>): number {
  let count = 0;
  for (const _ of things) count += 1;
  return count;
}

function aboutTenant(tenant: Tenant, find: string, now: number): TenantNews {
  const { displayName, licence, domains } = tenant.config;
  const found = [...tenant.users.truths()].filter(namedLike(find));
  return {
    id: tenant.id,
    displayName,
    licence,
    domains: domains.map((domain) => domain.name),
    usersFound: found.length,
    users: found.slice(0, mostUsers).map((user) => trueUser(tenant, user, now)),
    roles: rolesOf(tenant),
  };
}

function namedLike(find: string): (user: User) => boolean {
  const wanted = find.trim().toLowerCase();
  return ({ userPrincipalName, properties }) =>
    [userPrincipalName, properties['displayName']].some(
      (name) => typeof name === 'string' && name.toLowerCase().includes(wanted),
    );
}

function rolesOf(tenant: Tenant): TenantNews['roles'] {
  const holders = new Map<string, string[]>();
  for (const { roleDefinitionId, principalId } of tenant.assignments.truths()) {
    const names = holders.get(roleDefinitionId) ?? [];
    if (names.length < mostHolders) names.push(nameOf(tenant, principalId));
    holders.set(roleDefinitionId, names);
  }
  const roles = [...holders].map(([id, names]) => ({
    name: roleById(id)?.displayName ?? id,
    holders: names,
  }));
  return roles.sort((a, b) => a.name.localeCompare(b.name));
}

const nameOf = (tenant: Tenant, principalId: string): string =>
  tenant.users.truth(principalId)?.userPrincipalName ??
  tenant.groups.truth(principalId)?.displayName ??
  tenant.appOfPrincipal(principalId)?.displayName ??
  principalId;
