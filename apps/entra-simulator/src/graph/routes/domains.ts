import { findDomain, putDomain } from '../../directory/domains.js';
import { createHash } from 'node:crypto';
import { isText, type Json } from '../../foundation/json.js';
import type { Domain } from '../../state/model.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, GraphError, notFound } from '../errors.js';
import { requiredOf } from '../errors-directory.js';
import { entity, list, type Listing } from '../list.js';
import { pick } from '../select.js';

const byId = '/domains/{domain-id}';
/** Entra's own limit is 5,000; a simulator has no use for so many. */
const mostDomains = 900;
const wellFormed = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

export const domainRoutes: readonly Route[] = [
  { method: 'GET', path: '/domains', workload: 'directory', answer: listDomains },
  { method: 'POST', path: '/domains', workload: 'directory', answer: postDomain },
  { method: 'GET', path: byId, workload: 'directory', answer: getDomain },
  { method: 'PATCH', path: byId, workload: 'directory', answer: patchDomain },
  { method: 'POST', path: `${byId}/verify`, workload: 'directory', answer: verify },
  { method: 'GET', path: `${byId}/verificationDnsRecords`, workload: 'directory', answer: listRecords },
];

const defaults = [
  'authenticationType',
  'availabilityStatus',
  'id',
  'isAdminManaged',
  'isDefault',
  'isInitial',
  'isRoot',
  'isVerified',
  'passwordNotificationWindowInDays',
  'passwordValidityPeriodInDays',
  'state',
  'supportedServices',
];

const domains: Listing<Domain> = {
  type: 'domain',
  resource: 'Domain',
  context: 'domains',
  defaults,
  rules: {},
  read: (domain) => (property) => domainOf(domain)[property],
  isUnpaged: true,
};

const domainOf = ({ name, isVerified, isDefault, isInitial, authenticationType }: Domain): Json => ({
  id: name,
  isVerified,
  isDefault,
  isInitial,
  authenticationType,
  isAdminManaged: true,
  isRoot: true,
  passwordValidityPeriodInDays: 2147483647,
  passwordNotificationWindowInDays: 14,
  supportedServices: isVerified ? ['Email', 'OfficeCommunicationsOnline'] : [],
});

function listDomains(ctx: GraphContext): GraphReply {
  return list(ctx, domains, () => [...ctx.tenant.config.domains]);
}

function knownDomain(ctx: GraphContext): Domain {
  const domain = findDomain(ctx.tenant, param(ctx, 'domain-id'));
  if (domain === undefined) throw notFound(param(ctx, 'domain-id'));
  return domain;
}

function getDomain(ctx: GraphContext): GraphReply {
  const { type, context, read } = domains;
  return ok(entity(ctx, { type, context, defaults, read: read(knownDomain(ctx), ctx) }));
}

const whole = (ctx: GraphContext, domain: Domain): Json => ({
  '@odata.context': `${ctx.root}/$metadata#domains/$entity`,
  ...pick('domain', defaults, (property) => domainOf(domain)[property]),
});

function postDomain(ctx: GraphContext): GraphReply {
  const { id } = ctx.body;
  if (!isText(id) || id === '') throw requiredOf('Domain', 'id');
  const name = id.toLowerCase();
  demand(wellFormed.test(name) && !name.endsWith('.onmicrosoft.com'), () =>
    badRequest("Invalid value specified for property 'id' of resource 'Domain'."),
  );
  demand(findDomain(ctx.tenant, name) === undefined, () =>
    badRequest('Another object with the same value for property name already exists.'),
  );
  demand(ctx.tenant.config.domains.length < mostDomains, () =>
    badRequest(`The tenant has ${mostDomains} domains already.`),
  );
  const domain: Domain = {
    name,
    isVerified: false,
    authenticationType: 'Managed',
    isDefault: false,
    isInitial: false,
  };
  putDomain(ctx.writer, domain);
  return { status: 201, headers: { Location: `${ctx.root}/domains/${name}` }, body: whole(ctx, domain) };
}

/** Only what the page lets an app change, and of that only the default is more than a note here. */
function patchDomain(ctx: GraphContext): GraphReply {
  const domain = knownDomain(ctx);
  const known = new Set([
    'isDefault',
    'supportedServices',
    'passwordValidityPeriodInDays',
    'passwordNotificationWindowInDays',
  ]);
  const fixed = Object.keys(ctx.body).find((name) => !known.has(name));
  if (fixed !== undefined) throw badRequest(`Property '${fixed}' is read-only and cannot be set.`);
  const strange = Object.keys(ctx.body).find((name) => name !== 'isDefault');
  if (strange !== undefined) {
    throw new GraphError(
      { status: 501, code: 'notSimulated' },
      `Changing '${strange}' of a domain is not simulated.`,
    );
  }
  if (ctx.body['isDefault'] === true) {
    demand(domain.isVerified, () => badRequest('Only a verified domain can be the default domain.'));
    putDomain(ctx.writer, { ...domain, isDefault: true });
  }
  return noContent;
}

/** The domain is verified when the record of the proof stands in the DNS, which the control API puts there. */
function verify(ctx: GraphContext): GraphReply {
  const domain = knownDomain(ctx);
  demand(!domain.isVerified, () => badRequest('The domain is verified already.'));
  demand(domain.isProven === true, () =>
    badRequest(
      `Domain verification failed with the following error: 'Domain not found'. The DNS record of the proof for ${domain.name} is not there (yet).`,
    ),
  );
  const { isProven: _, ...rest } = domain;
  const verified: Domain = { ...rest, isVerified: true };
  putDomain(ctx.writer, verified);
  return ok(whole(ctx, verified));
}

/** Microsoft's OpenAPI has the record's common properties only: neither its text nor its mail exchange. */
function listRecords(ctx: GraphContext): GraphReply {
  const { name } = knownDomain(ctx);
  const id = (type: string): string =>
    createHash('sha256').update(`${ctx.tenant.id} ${name} ${type}`).digest('hex').slice(0, 32);
  return list(ctx, records, () =>
    ['Txt', 'Mx'].map((recordType) => ({
      id: id(recordType),
      isOptional: false,
      label: name,
      recordType,
      supportedService: 'None',
      ttl: 3600,
    })),
  );
}

const records: Listing<Json> = {
  type: 'domainDnsRecord',
  resource: 'DomainDnsRecord',
  context: 'domainDnsRecords',
  defaults: ['id', 'isOptional', 'label', 'recordType', 'supportedService', 'ttl'],
  rules: {},
  read: (record) => (property) => record[property],
  isUnpaged: true,
};
