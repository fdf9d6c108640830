import type { HistoryEntry } from '../../control/contract.js';
import { activityOf } from '../../logs/activities.js';
import { auditId, auditReader } from '../../logs/audit-view.js';
import { demandLicence } from '../../logs/licence-check.js';
import { signInNames, signInReader } from '../../logs/sign-in-view.js';
import { isRowShown, isShown } from '../../logs/visible.js';
import type { SignInRow } from '../../state/model-sign-in.js';
import { ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { notFound } from '../errors.js';
import { entity, list, type Listing } from '../list.js';
import type { FilterRules } from '../query/property-rules.js';

const audits = '/auditLogs/directoryAudits';
const signIns = '/auditLogs/signIns';

export const auditLogRoutes: readonly Route[] = [
  { method: 'GET', path: audits, workload: 'reports', answer: listAudits },
  { method: 'GET', path: `${audits}/{directoryAudit-id}`, workload: 'reports', answer: getAudit },
  { method: 'GET', path: signIns, workload: 'reports', answer: listSignIns },
  { method: 'GET', path: `${signIns}/{signIn-id}`, workload: 'reports', answer: getSignIn },
];

const exactly: FilterRules[string] = { basic: ['eq'] };
const byTime: FilterRules[string] = { basic: ['eq', 'ge', 'le', 'gt', 'lt'] };
const byText: FilterRules[string] = { basic: ['eq', 'startsWith'] };

const auditListing: Listing<HistoryEntry> = {
  type: 'directoryAudit',
  resource: 'DirectoryAudit',
  context: 'auditLogs/directoryAudits',
  defaults: [
    'id',
    'category',
    'correlationId',
    'result',
    'resultReason',
    'activityDisplayName',
    'activityDateTime',
    'loggedByService',
    'operationType',
    'initiatedBy',
    'targetResources',
    'additionalDetails',
  ],
  rules: {
    activityDateTime: byTime,
    activityDisplayName: byText,
    category: exactly,
    correlationId: exactly,
    id: exactly,
    loggedByService: exactly,
    operationType: exactly,
    result: exactly,
    'initiatedBy/user/id': exactly,
    'initiatedBy/user/displayName': exactly,
    'initiatedBy/user/userPrincipalName': byText,
    'initiatedBy/app/appId': exactly,
    'initiatedBy/app/displayName': exactly,
    targetResources: byText,
  },
  sortable: ['activityDateTime'],
  sortsFiltered: true,
  read: (entry, { tenant }) => auditReader(tenant, entry),
};

const signInListing: Listing<SignInRow> = {
  type: 'signIn',
  resource: 'SignIn',
  context: 'auditLogs/signIns',
  defaults: signInNames,
  rules: {
    createdDateTime: byTime,
    id: exactly,
    userId: exactly,
    userDisplayName: byText,
    userPrincipalName: byText,
    appId: exactly,
    appDisplayName: byText,
    ipAddress: byText,
    clientAppUsed: exactly,
    correlationId: exactly,
    conditionalAccessStatus: exactly,
    'status/errorCode': exactly,
  },
  sortable: ['createdDateTime'],
  sortsFiltered: true,
  read: signInReader,
};

/** Newest first, as the real log comes unless another order is asked for. */
function shownAudits({ world, tenant, now }: GraphContext): HistoryEntry[] {
  const since = tenant.config.historyFrom ?? 0;
  return world.history
    .query({ tenantId: tenant.id, since })
    .filter(
      (entry) =>
        activityOf(entry.what) !== undefined &&
        isShown(tenant, { at: Date.parse(entry.at), key: String(entry.seq) }, now),
    )
    .reverse();
}

const shownSignIns = ({ tenant, now }: GraphContext): SignInRow[] =>
  [...tenant.signIns.truths()].filter((row) => isRowShown(tenant, row, now)).reverse();

function listAudits(ctx: GraphContext): GraphReply {
  demandLicence(ctx.tenant, false);
  return list(ctx, auditListing, () => shownAudits(ctx));
}

function getAudit(ctx: GraphContext): GraphReply {
  demandLicence(ctx.tenant, false);
  const id = param(ctx, 'directoryAudit-id');
  const entry = shownAudits(ctx).find((one) => auditId(ctx.tenant, one) === id);
  if (entry === undefined) throw notFound(id);
  return ok(entity(ctx, { ...auditListing, read: auditReader(ctx.tenant, entry) }));
}

function listSignIns(ctx: GraphContext): GraphReply {
  demandLicence(ctx.tenant, true);
  return list(ctx, signInsFor(ctx), () => shownSignIns(ctx));
}

function getSignIn(ctx: GraphContext): GraphReply {
  demandLicence(ctx.tenant, true);
  const id = param(ctx, 'signIn-id');
  const row = shownSignIns(ctx).find((one) => one.id === id);
  if (row === undefined) throw notFound(id);
  return ok(entity(ctx, { ...signInsFor(ctx), read: signInReader(row) }));
}

/** Without the permission for policies what they did is left out, silently. */
function signInsFor(ctx: GraphContext): Listing<SignInRow> {
  const mayRead = ['Policy.Read.All', 'Policy.Read.ConditionalAccess', 'Policy.ReadWrite.ConditionalAccess'];
  return mayRead.some((permission) => ctx.caller.roles.has(permission))
    ? { ...signInListing, defaults: [...signInNames, 'appliedConditionalAccessPolicies'] }
    : signInListing;
}
