import type { Json } from '../../foundation/json.js';
import type { PassPolicy } from '../../control/contract.js';
import { noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { methodNotFound } from '../errors.js';

const policyPath = '/policies/authenticationMethodsPolicy';
const configurationId = 'authenticationMethodConfiguration-id';

export const policyRoutes: readonly Route[] = [
  { method: 'GET', path: policyPath, workload: 'policies', answer: getPolicy },
  {
    method: 'GET',
    path: `${policyPath}/authenticationMethodConfigurations/{${configurationId}}`,
    workload: 'policies',
    answer: getConfiguration,
  },
  {
    method: 'PATCH',
    path: `${policyPath}/authenticationMethodConfigurations/{${configurationId}}`,
    workload: 'policies',
    answer: patchConfiguration,
  },
];

const passType = '#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration';

const everybody = (context: string): Json => ({
  'includeTargets@odata.context': `${context}/includeTargets`,
  includeTargets: [{ targetType: 'group', id: 'all_users', isRegistrationRequired: false }],
});

const passConfiguration = (ctx: GraphContext): Json => ({
  '@odata.type': passType,
  id: 'TemporaryAccessPass',
  ...ctx.tenant.config.passPolicy,
  excludeTargets: [],
  ...everybody(contextOf(ctx)),
});

const contextOf = (ctx: GraphContext): string =>
  `${ctx.root}/$metadata#authenticationMethodConfigurations('TemporaryAccessPass')/microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration`;

function getPolicy(ctx: GraphContext): GraphReply {
  return ok({
    '@odata.context': `${ctx.root}/$metadata#authenticationMethodsPolicy`,
    id: 'authenticationMethodsPolicy',
    displayName: 'Authentication Methods Policy',
    description:
      'The tenant-wide policy that controls which authentication methods are allowed in the tenant.',
    policyVersion: '1.5',
    authenticationMethodConfigurations: [passConfiguration(ctx)],
  });
}

const isPassConfiguration = (ctx: GraphContext): boolean =>
  param(ctx, configurationId).toLowerCase() === 'temporaryaccesspass';

function getConfiguration(ctx: GraphContext): GraphReply {
  if (!isPassConfiguration(ctx)) throw methodNotFound();
  return ok({ '@odata.context': contextOf(ctx), ...passConfiguration(ctx) });
}

const changeable: readonly (keyof PassPolicy)[] = [
  'state',
  'minimumLifetimeInMinutes',
  'maximumLifetimeInMinutes',
  'defaultLifetimeInMinutes',
  'isUsableOnce',
  'defaultLength',
];

function patchConfiguration(ctx: GraphContext): GraphReply {
  if (!isPassConfiguration(ctx)) throw methodNotFound();
  const changes = Object.fromEntries(
    changeable.filter((name) => name in ctx.body).map((name) => [name, ctx.body[name]]),
  );
  const passPolicy = { ...ctx.tenant.config.passPolicy, ...changes };
  ctx.world.configure(ctx.tenant, { passPolicy });
  return noContent;
}
