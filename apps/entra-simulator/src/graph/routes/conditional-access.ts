import { isoMillis } from '../../foundation/clock.js';
import { asList, asObject, isText, type Json } from '../../foundation/json.js';
import { addAccessPolicy, changeAccessPolicy, removeAccessPolicy } from '../../login/access-policies.js';
import { builtInStrengths } from '../../login/strengths.js';
import { usualSignIn, type AccessPolicy } from '../../state/model-sign-in.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { GraphError, malformed } from '../errors.js';
import { entity, list, type Listing } from '../list.js';
import type { Reader } from '../select.js';
import { strengthReader } from './strength-policies.js';

const base = '/identity/conditionalAccess/policies';
const policyId = 'conditionalAccessPolicy-id';
const one = `${base}/{${policyId}}`;
/** All three: Microsoft's data has them as alternatives, its pages as one row. */
const writing = [['Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess', 'Application.Read.All']];

export const conditionalAccessRoutes: readonly Route[] = [
  { method: 'GET', path: base, workload: 'conditionalAccess', answer: listPolicies },
  { method: 'POST', path: base, workload: 'conditionalAccess', asks: writing, answer: postPolicy },
  { method: 'GET', path: one, workload: 'conditionalAccess', answer: getPolicy },
  { method: 'PATCH', path: one, workload: 'conditionalAccess', asks: writing, answer: patchPolicy },
  { method: 'DELETE', path: one, workload: 'conditionalAccess', asks: writing, answer: deletePolicy },
];

const defaults = [
  'id',
  'templateId',
  'displayName',
  'createdDateTime',
  'modifiedDateTime',
  'state',
  'conditions',
  'grantControls',
  'sessionControls',
];

const listing: Listing<AccessPolicy> = {
  type: 'conditionalAccessPolicy',
  resource: 'ConditionalAccessPolicy',
  context: 'identity/conditionalAccess/policies',
  defaults,
  rules: {
    id: { basic: ['eq'] },
    displayName: { basic: ['eq', 'startsWith'] },
    state: { basic: ['eq'] },
    createdDateTime: { basic: ['eq', 'ge', 'le'] },
    modifiedDateTime: { basic: ['eq', 'ge', 'le'] },
  },
  sortable: ['displayName', 'createdDateTime', 'modifiedDateTime'],
  read: policyReader,
};

function policyReader({ id, body, createdAt, modifiedAt }: AccessPolicy): Reader {
  const shown: Json = {
    ...body,
    id,
    createdDateTime: isoMillis(createdAt),
    modifiedDateTime: modifiedAt === null ? null : isoMillis(modifiedAt),
    conditions: conditionsOf(asObject(body['conditions'])),
    grantControls: body['grantControls'] == null ? null : grantOf(asObject(body['grantControls'])),
  };
  return (property) => shown[property];
}

const userLists = ['Users', 'Groups', 'Roles'].flatMap((noun) => [`include${noun}`, `exclude${noun}`]);

/** Graph fills in what a policy leaves out. */
function conditionsOf(conditions: Json): Json {
  const users = asObject(conditions['users']);
  const applications = asObject(conditions['applications']);
  const named = (from: Json, names: readonly string[]): Json =>
    Object.fromEntries(names.map((name) => [name, asList(from[name])]));
  return {
    userRiskLevels: [],
    signInRiskLevels: [],
    clientAppTypes: ['all'],
    ...conditions,
    users: { ...users, ...named(users, userLists) },
    applications: {
      ...applications,
      ...named(applications, ['includeApplications', 'excludeApplications', 'includeUserActions']),
    },
  };
}

function grantOf(grant: Json): Json {
  const { id } = asObject(grant['authenticationStrength']);
  const strength = builtInStrengths.find((known) => known.id === id);
  const read = strength === undefined ? undefined : strengthReader(strength);
  return {
    operator: 'OR',
    customAuthenticationFactors: [],
    termsOfUse: [],
    ...grant,
    builtInControls: asList(grant['builtInControls']),
    authenticationStrength: read === undefined ? null : strengthShown(read),
  };
}

const strengthShown = (read: Reader): Json =>
  Object.fromEntries(
    ['id', 'displayName', 'description', 'policyType', 'requirementsSatisfied', 'allowedCombinations'].map(
      (name) => [name, read(name)],
    ),
  );

function listPolicies(ctx: GraphContext): GraphReply {
  demandLicence(ctx);
  return list(ctx, listing, () => ctx.tenant.accessPolicies.seeAll(ctx.view));
}

function getPolicy(ctx: GraphContext): GraphReply {
  demandLicence(ctx);
  return ok(entity(ctx, { ...listing, read: policyReader(seenPolicy(ctx)) }));
}

function postPolicy(ctx: GraphContext): GraphReply {
  demandLicence(ctx);
  checkPolicy(ctx, ctx.body, ['displayName', 'state', 'conditions']);
  const policy = addAccessPolicy(ctx.writer, ctx.body);
  const body = { '@odata.context': `${ctx.root}/$metadata#${listing.context}/$entity` };
  const read = policyReader(policy);
  for (const name of defaults) Object.assign(body, { [name]: read(name) ?? null });
  return { status: 201, body };
}

function patchPolicy(ctx: GraphContext): GraphReply {
  demandLicence(ctx);
  const policy = seenPolicy(ctx);
  checkPolicy(ctx, { ...policy.body, ...ctx.body }, []);
  changeAccessPolicy(ctx.writer, policy, ctx.body);
  return noContent;
}

function deletePolicy(ctx: GraphContext): GraphReply {
  demandLicence(ctx);
  removeAccessPolicy(ctx.writer, seenPolicy(ctx));
  return noContent;
}

/** As the replica has it, and still there. */
function seenPolicy(ctx: GraphContext): AccessPolicy {
  const id = param(ctx, policyId).toLowerCase();
  const { accessPolicies } = ctx.tenant;
  const policy = accessPolicies.see(id, ctx.view) === undefined ? undefined : accessPolicies.truth(id);
  if (policy === undefined) {
    throw new GraphError({ status: 404, code: 'ResourceNotFound' }, `The policy '${id}' does not exist.`);
  }
  return policy;
}

function demandLicence({ tenant }: GraphContext): void {
  demand(
    tenant.config.licence !== 'free',
    () =>
      new GraphError({ status: 403, code: 'AccessDenied' }, 'Your tenant is not licensed for this feature'),
  );
}

/** The texts of these refusals are chosen, not documented. */
function checkPolicy({ tenant }: GraphContext, body: Json, required: readonly string[]): void {
  const missing = required.find((name) => body[name] === undefined || body[name] === null);
  demand(missing === undefined, () => malformed(`The policy has no '${missing ?? ''}'.`));
  const { users, applications } = asObject(body['conditions']);
  demand(namesSomebody(asObject(users)), () => malformed('The policy names no users, groups or roles.'));
  demand(namesSomething(asObject(applications)), () => malformed('The policy names no applications.'));
  demand(hasControls(body), () => malformed('The policy has no grant or session controls.'));
  demand(knowsStrength(body), () => malformed('The policy names an unknown authentication strength.'));
  const { securityDefaults } = tenant.config.signIn ?? usualSignIn;
  demand(!securityDefaults || body['state'] !== 'enabled', () =>
    malformed(
      'Security Defaults is enabled in the tenant. You must disable Security defaults before enabling a Conditional Access policy.',
    ),
  );
}

const namesSomebody = (users: Json): boolean =>
  ['includeUsers', 'includeGroups', 'includeRoles'].some((name) => asList(users[name]).length > 0) ||
  users['includeGuestsOrExternalUsers'] != null;

const namesSomething = (applications: Json): boolean =>
  ['includeApplications', 'includeUserActions', 'includeAuthenticationContextClassReferences'].some((name) =>
    asList(applications[name]).some(isText),
  );

function knowsStrength(body: Json): boolean {
  const { id } = asObject(asObject(body['grantControls'])['authenticationStrength']);
  return id === undefined || builtInStrengths.some((strength) => strength.id === id);
}

function hasControls(body: Json): boolean {
  const grant = asObject(body['grantControls']);
  return (
    asList(grant['builtInControls']).length > 0 ||
    isText(asObject(grant['authenticationStrength'])['id']) ||
    asList(grant['termsOfUse']).length > 0 ||
    Object.keys(asObject(body['sessionControls'])).length > 0
  );
}
