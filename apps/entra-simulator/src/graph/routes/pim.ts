import type { Json } from '../../foundation/json.js';
import type { RoleRequest, ScheduleKind } from '../../state/model-pim.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { entity, list, type Listing } from '../list.js';
import { wordsOf } from '../workloads.js';
import { readAsked } from './pim-asked.js';
import { licenceRequired, notCancelable, resourceNotFound } from './pim-errors.js';
import { cancelRequest, carryOutRequest } from './pim-requests.js';
import { expandedOne, expandedPage } from './pim-expand.js';
import {
  instanceDefaults,
  requestDefaults,
  requestView,
  scheduleDefaults,
  seenInstances,
  seenSchedules,
} from './pim-view.js';

const root = '/roleManagement/directory';
const requestId = 'unifiedRoleAssignmentScheduleRequest-id';
const scheduleId = 'unifiedRoleAssignmentSchedule-id';
const assignmentRequests = `${root}/roleAssignmentScheduleRequests`;
const eligibilityRequests = `${root}/roleEligibilityScheduleRequests`;

type Answer = Route['answer'];

/** Every call of PIM needs the licence, the reading ones as well. */
export const licensed =
  (answer: Answer): Answer =>
  (ctx) => {
    demand(ctx.tenant.config.licence === 'P2', licenceRequired);
    return answer(ctx);
  };

const get = (path: string, answer: Answer): Route => ({
  method: 'GET',
  path,
  workload: 'pim',
  answer: licensed(answer),
  expands: true,
});
const post = (path: string, answer: Answer): Route => ({
  method: 'POST',
  path,
  workload: 'pim',
  answer: licensed(answer),
});

export const pimRoutes: readonly Route[] = [
  get(assignmentRequests, (ctx) => listRequests(ctx, 'assignment')),
  post(assignmentRequests, (ctx) => postRequest(ctx, 'assignment')),
  get(`${assignmentRequests}/{${requestId}}`, getRequest),
  post(`${assignmentRequests}/{${requestId}}/cancel`, cancel),
  get(eligibilityRequests, (ctx) => listRequests(ctx, 'eligibility')),
  post(eligibilityRequests, (ctx) => postRequest(ctx, 'eligibility')),
  get(`${root}/roleAssignmentSchedules`, (ctx) => listSchedules(ctx, 'assignment')),
  get(`${root}/roleAssignmentSchedules/{${scheduleId}}`, getSchedule),
  get(`${root}/roleAssignmentScheduleInstances`, listInstances),
  get(`${root}/roleEligibilitySchedules`, (ctx) => listSchedules(ctx, 'eligibility')),
];

const segments: Readonly<Record<ScheduleKind, string>> = {
  assignment: 'roleAssignment',
  eligibility: 'roleEligibility',
};
const types: Readonly<Record<ScheduleKind, string>> = {
  assignment: 'unifiedRoleAssignment',
  eligibility: 'unifiedRoleEligibility',
};

const equal = { basic: ['eq', 'ne', 'in'] } as const;
const placeRules = {
  id: equal,
  principalId: equal,
  roleDefinitionId: equal,
  directoryScopeId: equal,
  status: equal,
};

const readOf = (item: Json) => (property: string) => item[property];

const requestListing = (kind: ScheduleKind): Listing<Json> => ({
  type: `${types[kind]}ScheduleRequest`,
  resource: `${types[kind]}ScheduleRequest`,
  context: `roleManagement/directory/${segments[kind]}ScheduleRequests`,
  defaults: requestDefaults,
  rules: { ...placeRules, action: equal, targetScheduleId: equal },
  read: readOf,
});

const scheduleListing = (kind: ScheduleKind): Listing<Json> => ({
  type: `${types[kind]}Schedule`,
  resource: `${types[kind]}Schedule`,
  context: `roleManagement/directory/${segments[kind]}Schedules`,
  defaults: scheduleDefaults[kind],
  rules: { ...placeRules, createdUsing: equal, memberType: equal, assignmentType: equal },
  read: readOf,
});

const instanceListing: Listing<Json> = {
  type: 'unifiedRoleAssignmentScheduleInstance',
  resource: 'unifiedRoleAssignmentScheduleInstance',
  context: 'roleManagement/directory/roleAssignmentScheduleInstances',
  defaults: instanceDefaults,
  rules: {
    ...placeRules,
    memberType: equal,
    assignmentType: equal,
    roleAssignmentOriginId: equal,
    roleAssignmentScheduleId: equal,
  },
  read: readOf,
};

const expandedList = (ctx: GraphContext, listing: Listing<Json>, items: Json[]): GraphReply =>
  expandedPage(
    ctx,
    list(ctx, listing, () => items),
    items,
  );

function expandedEntity(
  ctx: GraphContext,
  { type, context, defaults }: Listing<Json>,
  item: Json,
): GraphReply {
  const shown = entity(ctx, { type, context, defaults, read: readOf(item) });
  return ok(expandedOne(ctx, shown, item));
}

function listRequests(ctx: GraphContext, kind: ScheduleKind): GraphReply {
  const seen = ctx.tenant.roleRequests.seeAll(ctx.pimView).filter((request) => request.kind === kind);
  return expandedList(ctx, requestListing(kind), seen.map(requestView));
}

function getRequest(ctx: GraphContext): GraphReply {
  return expandedEntity(ctx, requestListing('assignment'), requestView(seenRequest(ctx)));
}

function seenRequest(ctx: GraphContext): RoleRequest {
  const request = ctx.tenant.roleRequests.see(param(ctx, requestId).toLowerCase(), ctx.pimView);
  if (request?.kind !== 'assignment') throw resourceNotFound();
  return request;
}

function postRequest(ctx: GraphContext, kind: ScheduleKind): GraphReply {
  const asked = readAsked(kind, ctx.body, ctx.now);
  const needed = [
    `${kind === 'assignment' ? 'RoleAssignment' : 'RoleEligibility'}Schedule.ReadWrite.Directory`,
    'RoleManagement.ReadWrite.Directory',
  ];
  // Permissions that only remove open the path, but not what else can be asked there.
  demand(asked.action === 'adminRemove' || needed.some((one) => ctx.caller.roles.has(one)), () =>
    wordsOf.pim.denied(
      needed.map((one) => [one]),
      'POST',
    ),
  );
  const request = carryOutRequest(ctx, asked);
  const context = `${ctx.root}/$metadata#${requestListing(kind).context}/$entity`;
  return { status: 201, body: { '@odata.context': context, ...requestView(request) } };
}

function cancel(ctx: GraphContext): GraphReply {
  const request = ctx.tenant.roleRequests.truth(seenRequest(ctx).id);
  if (request === undefined) throw resourceNotFound();
  demand(request.status === 'Granted', notCancelable);
  cancelRequest(ctx, request);
  return noContent;
}

function listSchedules(ctx: GraphContext, kind: ScheduleKind): GraphReply {
  return expandedList(ctx, scheduleListing(kind), seenSchedules(ctx, kind));
}

function getSchedule(ctx: GraphContext): GraphReply {
  const id = param(ctx, scheduleId);
  const schedule = seenSchedules(ctx, 'assignment').find((one) => one['id'] === id);
  if (schedule === undefined) throw resourceNotFound();
  return expandedEntity(ctx, scheduleListing('assignment'), schedule);
}

function listInstances(ctx: GraphContext): GraphReply {
  return expandedList(ctx, instanceListing, seenInstances(ctx));
}
