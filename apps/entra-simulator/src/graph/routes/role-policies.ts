import { policyRules } from '../../directory/policy-rules.js';
import { allRoles, roleById, type RoleTemplate } from '../../directory/role-catalogue.js';
import { rulesFor } from '../../directory/role-policy.js';
import { uuidFrom } from '../../foundation/ids.js';
import type { Json } from '../../foundation/json.js';
import { demand, type GraphContext, type GraphReply, type Route } from '../context.js';
import { malformed } from '../errors.js';
import { equalTo, type Clause } from '../filter.js';
import { list, type Listing } from '../list.js';
import { licensed } from './pim.js';

/** The reference page admits these; Microsoft's permission data has them for PIM for groups only. */
const asks = [
  ['RoleManagementPolicy.Read.Directory'],
  ['RoleManagementPolicy.ReadWrite.Directory'],
  ['RoleManagement.Read.Directory'],
  ['RoleManagement.Read.All'],
  ['RoleManagement.ReadWrite.Directory'],
];

export const rolePolicyRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/policies/roleManagementPolicies',
    workload: 'pim',
    expands: true,
    asks,
    answer: licensed(listPolicies),
  },
  {
    method: 'GET',
    path: '/policies/roleManagementPolicyAssignments',
    workload: 'pim',
    expands: true,
    asks,
    answer: licensed(listAssignments),
  },
];

const equal = { basic: ['eq'] } as const;

const policyListing: Listing<Json> = {
  type: 'unifiedRoleManagementPolicy',
  resource: 'unifiedRoleManagementPolicy',
  context: 'policies/roleManagementPolicies',
  defaults: [
    'id',
    'displayName',
    'description',
    'isOrganizationDefault',
    'scopeId',
    'scopeType',
    'lastModifiedDateTime',
    'lastModifiedBy',
  ],
  rules: { id: equal, scopeId: equal, scopeType: equal },
  read: (item) => (property) => item[property],
};

const assignmentListing: Listing<Json> = {
  type: 'unifiedRoleManagementPolicyAssignment',
  resource: 'unifiedRoleManagementPolicyAssignment',
  context: 'policies/roleManagementPolicyAssignments',
  defaults: ['id', 'policyId', 'scopeId', 'scopeType', 'roleDefinitionId'],
  rules: { id: equal, scopeId: equal, scopeType: equal, roleDefinitionId: equal, policyId: equal },
  read: (item) => (property) => item[property],
};

function listPolicies(ctx: GraphContext): GraphReply {
  const reply = list(ctx, policyListing, (clauses) => {
    const scopeType = demandScope(clauses);
    return allRoles().map((role) => policyOf(ctx, role, scopeType));
  });
  const rules = ruleNames(ctx.request.query.get('$expand'));
  return withEach(reply, (policy) => withRules(ctx, policy, rules));
}

function listAssignments(ctx: GraphContext): GraphReply {
  const reply = list(ctx, assignmentListing, (clauses) => {
    const scopeType = demandScope(clauses);
    const roleId = equalTo(clauses, 'roleDefinitionId');
    const wanted =
      roleId === undefined ? allRoles() : [roleById(roleId)].filter((role) => role !== undefined);
    return wanted.map((role) => assignmentOf(ctx, role, scopeType));
  });
  const expand = ctx.request.query.get('$expand');
  if (expand === undefined) return reply;
  const inner = /^policy(?:\(\$expand=([\w,]+)\))?$/.exec(expand.replaceAll(' ', ''));
  if (inner === null) throw malformed(`'${expand}' cannot be expanded.`);
  const rules = ruleNames(inner[1]);
  return withEach(reply, (assignment) => {
    const role = roleOfPolicy(ctx, String(assignment['policyId']));
    const policy = policyOf(ctx, role, scopeTypeOf(assignment));
    return { ...assignment, policy: withRules(ctx, policy, rules) };
  });
}

const usualScopeType = 'DirectoryRole';

/** The policy's id begins with it. */
const scopeTypeOf = (assignment: Json): string => String(assignment['policyId']).split('_')[0]!;

/** PIM keeps policies of several providers apart and lists none without being told whose. */
function demandScope(clauses: readonly Clause[]): string {
  const scopeType = equalTo(clauses, 'scopeType')?.toLowerCase() ?? '';
  const known = ['Directory', usualScopeType].find((name) => name.toLowerCase() === scopeType);
  demand(equalTo(clauses, 'scopeId') === '/' && known !== undefined, () =>
    malformed("The filter must name scopeId '/' and scopeType 'DirectoryRole' or 'Directory'."),
  );
  return known!;
}

const policyId = (ctx: GraphContext, role: RoleTemplate, scopeType: string): string =>
  `${scopeType}_${ctx.tenant.id}_${uuidFrom(`role policy ${ctx.tenant.id} ${role.id}`)}`;

function roleOfPolicy(ctx: GraphContext, id: string): RoleTemplate {
  const scopeType = id.split('_')[0] ?? usualScopeType;
  const role = allRoles().find((one) => policyId(ctx, one, scopeType) === id);
  if (role === undefined) throw malformed('$select must keep the policyId beside $expand.');
  return role;
}

const policyOf = (ctx: GraphContext, role: RoleTemplate, scopeType: string): Json => ({
  id: policyId(ctx, role, scopeType),
  displayName: scopeType,
  description: scopeType,
  isOrganizationDefault: false,
  scopeId: '/',
  scopeType,
  lastModifiedDateTime: null,
  lastModifiedBy: { displayName: null, id: null },
});

const assignmentOf = (ctx: GraphContext, role: RoleTemplate, scopeType: string): Json => ({
  id: `${policyId(ctx, role, scopeType)}_${role.id}`,
  policyId: policyId(ctx, role, scopeType),
  scopeId: '/',
  scopeType,
  roleDefinitionId: role.id,
});

const ruleProperties = new Set(['rules', 'effectiveRules']);

function ruleNames(expand: string | undefined): string[] {
  const names = expand?.split(',').map((name) => name.trim()) ?? [];
  const unknown = names.find((name) => !ruleProperties.has(name));
  if (unknown !== undefined) throw malformed(`'${unknown}' cannot be expanded.`);
  return names;
}

function withRules(ctx: GraphContext, policy: Json, names: readonly string[]): Json {
  if (names.length === 0) return policy;
  const role = roleOfPolicy(ctx, String(policy['id']));
  const rules = policyRules({
    active: rulesFor(ctx.tenant, role.id, 'assignment'),
    eligible: rulesFor(ctx.tenant, role.id, 'eligibility'),
  });
  return { ...policy, ...(Object.fromEntries(names.map((name) => [name, rules])) as Json) };
}

function withEach(reply: GraphReply, change: (item: Json) => Json): GraphReply {
  const body = reply.body as { value: Json[] };
  return { ...reply, body: { ...body, value: body.value.map(change) } };
}
