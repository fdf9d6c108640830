import { appRoles } from '../../access/permissions.js';
import { uuidFrom } from '../../foundation/ids.js';
import type { Json } from '../../foundation/json.js';
import type { App } from '../../state/model.js';
import type { Tenant } from '../../state/tenant.js';
import { ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { notFound } from '../errors.js';
import { entity, list, type Listing } from '../list.js';
import type { Reader } from '../select.js';
import { servicePrincipalDefaults, servicePrincipalReader } from './objects.js';

const graphAppId = '00000003-0000-0000-c000-000000000000';
const byId = '/servicePrincipals/{servicePrincipal-id}';

export const servicePrincipalRoutes: readonly Route[] = [
  { method: 'GET', path: '/servicePrincipals', workload: 'directory', answer: listAll },
  { method: 'GET', path: byId, workload: 'directory', answer: getById },
  {
    method: 'GET',
    path: "/servicePrincipals(appId='{appId}')",
    workload: 'directory',
    asks: [
      ['Application.Read.All'],
      ['Application.ReadWrite.All'],
      ['Directory.Read.All'],
      ['Directory.ReadWrite.All'],
    ],
    answer: getByAppId,
  },
];

/** Microsoft Graph's own service principal, which every tenant has. */
export const graphApp = (tenant: Tenant): App => ({
  clientId: graphAppId,
  servicePrincipalId: uuidFrom(`Microsoft Graph ${tenant.id}`),
  displayName: 'Microsoft Graph',
  secrets: [],
  certificates: [],
  permissions: [],
  disabled: false,
  consented: true,
});

export const principals = (tenant: Tenant): App[] => [
  graphApp(tenant),
  ...[...tenant.apps.values()].filter((app) => app.consented),
];

const listing: Listing<App> = {
  type: 'servicePrincipal',
  resource: 'ServicePrincipal',
  context: 'servicePrincipals',
  defaults: servicePrincipalDefaults,
  rules: {
    id: { basic: ['eq', 'in'] },
    appId: { basic: ['eq', 'in'] },
    displayName: { basic: ['eq', 'in', 'startsWith'] },
  },
  read: (app) => readerOf(app),
};

function readerOf(app: App): Reader {
  const read = servicePrincipalReader(app);
  return (property) =>
    property === 'appRoles' && app.clientId === graphAppId ? shownAppRoles() : read(property);
}

const shownAppRoles = (): Json[] =>
  [...appRoles().values()].map(({ id, value, displayName, description }) => ({
    allowedMemberTypes: ['Application'],
    id,
    value,
    displayName,
    description,
    isEnabled: true,
    origin: 'Application',
  }));

function listAll(ctx: GraphContext): GraphReply {
  return list(ctx, listing, () => principals(ctx.tenant));
}

function getById(ctx: GraphContext): GraphReply {
  return show(ctx, principalById(ctx));
}

function getByAppId(ctx: GraphContext): GraphReply {
  const appId = param(ctx, 'appId').toLowerCase();
  const app = principals(ctx.tenant).find((one) => one.clientId.toLowerCase() === appId);
  if (app === undefined) throw notFound(appId);
  return show(ctx, app);
}

const show = (ctx: GraphContext, app: App): GraphReply => {
  const { type, context, defaults } = listing;
  return ok(entity(ctx, { type, context, defaults, read: readerOf(app) }));
};

export function principalById(ctx: GraphContext): App {
  const id = param(ctx, 'servicePrincipal-id').toLowerCase();
  const app = principals(ctx.tenant).find((one) => one.servicePrincipalId === id);
  if (app === undefined) throw notFound(id);
  return app;
}
