import type { Json } from '../../foundation/json.js';
import type { TenantConfig } from '../../state/model.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { methodNotFound, methodsBadRequest } from '../errors.js';
import { methodPolicies, type MethodPolicy } from './method-policies.js';
import { strengthRoutes } from './strength-policies.js';

const policyPath = '/policies/authenticationMethodsPolicy';
const configurations = `${policyPath}/authenticationMethodConfigurations`;
const configurationId = 'authenticationMethodConfiguration-id';
const reading = [
  ['Policy.Read.AuthenticationMethod'],
  ['Policy.ReadWrite.AuthenticationMethod'],
  ['Policy.Read.All'],
];

export const policyRoutes: readonly Route[] = [
  { method: 'GET', path: policyPath, workload: 'policies', answer: getPolicy },
  // The permission data does not know the list by itself: it is asked for like one of its members.
  { method: 'GET', path: configurations, workload: 'policies', asks: reading, answer: listConfigurations },
  {
    method: 'GET',
    path: `${configurations}/{${configurationId}}`,
    workload: 'policies',
    answer: getConfiguration,
  },
  {
    method: 'PATCH',
    path: `${configurations}/{${configurationId}}`,
    workload: 'policies',
    answer: patchConfiguration,
  },
  ...strengthRoutes,
];

const listContext = (ctx: GraphContext): string =>
  `${ctx.root}/$metadata#policies/authenticationMethodsPolicy/authenticationMethodConfigurations`;

const contextOf = (ctx: GraphContext, { id, type }: MethodPolicy): string =>
  `${ctx.root}/$metadata#authenticationMethodConfigurations('${id}')/microsoft.graph.${type}`;

const shown = (ctx: GraphContext, policy: MethodPolicy): Json => ({
  '@odata.type': `#microsoft.graph.${policy.type}`,
  id: policy.id,
  ...policy.read(ctx.tenant.config),
  'includeTargets@odata.context': `${contextOf(ctx, policy)}/includeTargets`,
});

const all = (ctx: GraphContext): Json[] => methodPolicies.map((policy) => shown(ctx, policy));

function getPolicy(ctx: GraphContext): GraphReply {
  return ok({
    '@odata.context': `${ctx.root}/$metadata#authenticationMethodsPolicy`,
    id: 'authenticationMethodsPolicy',
    displayName: 'Authentication Methods Policy',
    description:
      'The tenant-wide policy that controls which authentication methods are allowed in the tenant.',
    policyVersion: '1.5',
    authenticationMethodConfigurations: all(ctx),
  });
}

function listConfigurations(ctx: GraphContext): GraphReply {
  return ok({ '@odata.context': listContext(ctx), value: all(ctx) });
}

/** Ids are taken in any case, as Graph does. */
function policyOf(ctx: GraphContext): MethodPolicy {
  const wanted = param(ctx, configurationId).toLowerCase();
  const policy = methodPolicies.find(({ id }) => id.toLowerCase() === wanted);
  if (policy === undefined) throw methodNotFound();
  return policy;
}

function getConfiguration(ctx: GraphContext): GraphReply {
  const policy = policyOf(ctx);
  return ok({ '@odata.context': contextOf(ctx, policy), ...shown(ctx, policy) });
}

function patchConfiguration(ctx: GraphContext): GraphReply {
  const policy = policyOf(ctx);
  const named = ctx.body['@odata.type'];
  // A body that names another type was validated as that one.
  demand(named === undefined || named === `#microsoft.graph.${policy.type}`, () =>
    methodsBadRequest(`The configuration '${policy.id}' is no ${String(named)}.`),
  );
  const changes = policy.change(ctx.tenant.config, ctx.body);
  if (changes.passPolicy !== undefined) checkLifetimes(changes.passPolicy);
  ctx.writer.configure(changes);
  return noContent;
}

/** [?] The text is chosen; Entra's bounds are 10 minutes and 30 days. */
function checkLifetimes(policy: TenantConfig['passPolicy']): void {
  const { minimumLifetimeInMinutes: shortest, maximumLifetimeInMinutes: longest } = policy;
  const usual = policy.defaultLifetimeInMinutes;
  demand(10 <= shortest && shortest <= usual && usual <= longest && longest <= 43_200, () =>
    methodsBadRequest('The lifetimes of the Temporary Access Pass policy contradict each other.'),
  );
  demand(policy.defaultLength >= 8 && policy.defaultLength <= 48, () =>
    methodsBadRequest('The length of a Temporary Access Pass is between 8 and 48.'),
  );
}
