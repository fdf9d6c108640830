import { randomUUID } from 'node:crypto';
import { isoMillis } from '../../foundation/clock.js';
import { isText, type Json } from '../../foundation/json.js';
import { validateEndpoint, validationError } from '../../notifications/validate-endpoint.js';
import type { Subscription } from '../../state/model-subscriptions.js';
import { demand, noContent, ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { GraphError } from '../errors.js';
import { list, type Listing } from '../list.js';
import { pick, type Reader } from '../select.js';
import { wordsOf } from '../workloads.js';

/** [D] "The same permissions as reading the resource"; Microsoft's permission data has no rows for these paths. */
const readersOf = {
  users: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  groups: ['Group.Read.All', 'Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
} as const;
const asks = [...new Set([...readersOf.users, ...readersOf.groups])].map((permission) => [permission]);

const workload = 'subscriptions';
const one = '/subscriptions/{subscription-id}';

export const subscriptionRoutes: readonly Route[] = [
  { method: 'GET', path: '/subscriptions', workload, asks, answer: listSubscriptions },
  { method: 'POST', path: '/subscriptions', workload, asks, answer: postSubscription },
  { method: 'GET', path: one, workload, asks, answer: getSubscription },
  { method: 'PATCH', path: one, workload, asks, answer: patchSubscription },
  { method: 'DELETE', path: one, workload, asks, answer: deleteSubscription },
  { method: 'POST', path: `${one}/reauthorize`, workload, asks, answer: reauthorize },
];

const minuteMs = 60_000;
/** [D] Users and groups. */
const longestMinutes = 41_760;
/** [D] What is shorter is raised to this. */
const shortestMinutes = 45;
const longestClientState = 128;
/** [D] Of one app in one tenant. */
const mostSubscriptions = 100;

const defaults = [
  'id',
  'resource',
  'applicationId',
  'changeType',
  'clientState',
  'notificationUrl',
  'notificationQueryOptions',
  'lifecycleNotificationUrl',
  'expirationDateTime',
  'creatorId',
  'includeResourceData',
  'latestSupportedTlsVersion',
  'encryptionCertificate',
  'encryptionCertificateId',
  'notificationUrlAppId',
];

/** The clientState is told once, in the answer to its creation. */
const reader =
  (subscription: Subscription, withState: boolean): Reader =>
  (property) => {
    if (property === 'expirationDateTime') return isoMillis(subscription.expiresAt);
    if (property === 'clientState' && !withState) return null;
    return (subscription as unknown as Json)[property];
  };

const listing: Listing<Subscription> = {
  type: 'subscription',
  resource: 'Subscription',
  context: 'subscriptions',
  defaults,
  rules: {},
  read: (subscription) => reader(subscription, false),
};

const shown = (ctx: GraphContext, subscription: Subscription, withState = false): Json => ({
  '@odata.context': `${ctx.root}/$metadata#subscriptions/$entity`,
  ...pick('subscription', defaults, reader(subscription, withState)),
});

const ownOf = ({ tenant, caller, now }: GraphContext): Subscription[] =>
  [...tenant.subscriptions.truths()].filter(
    ({ applicationId, expiresAt }) => applicationId === caller.appId && expiresAt > now,
  );

function ownById(ctx: GraphContext): Subscription {
  const id = param(ctx, 'subscription-id').toLowerCase();
  const found = ownOf(ctx).find((subscription) => subscription.id === id);
  // [I] The text.
  if (found === undefined) {
    throw new GraphError({ status: 404, code: 'ResourceNotFound' }, 'The object was not found.');
  }
  return found;
}

function listSubscriptions(ctx: GraphContext): GraphReply {
  return list(ctx, listing, () => ownOf(ctx));
}

function getSubscription(ctx: GraphContext): GraphReply {
  return ok(shown(ctx, ownById(ctx)));
}

/** Answered when the endpoint has echoed the token; until then there is no subscription. */
function postSubscription(ctx: GraphContext): GraphReply {
  const subscription = readSubscription(ctx);
  demand(ownOf(ctx).length < mostSubscriptions, tooMany);
  return {
    status: 201,
    later: async () => {
      const { requestId, world } = ctx;
      await validateEndpoint(subscription.notificationUrl, { requestId, signal: world.closing.signal });
      sweepExpired(ctx);
      demand(ownOf(ctx).length < mostSubscriptions, tooMany);
      ctx.writer.put('subscriptions', subscription.id, subscription);
      return { status: 201, body: shown(ctx, subscription, true) };
    },
  };
}

function patchSubscription(ctx: GraphContext): GraphReply {
  const subscription = ownById(ctx);
  const names = Object.keys(ctx.body).filter((name) => !name.startsWith('@odata.'));
  // [?] The text.
  demand(names.length === 1 && names[0] === 'expirationDateTime', () =>
    validationError('Only the expirationDateTime of a subscription can be updated.'),
  );
  const renewed = { ...subscription, expiresAt: readExpiry(ctx) };
  ctx.writer.put('subscriptions', renewed.id, renewed);
  return ok(shown(ctx, renewed));
}

function deleteSubscription(ctx: GraphContext): GraphReply {
  ctx.writer.put('subscriptions', ownById(ctx).id, undefined);
  return noContent;
}

function reauthorize(ctx: GraphContext): GraphReply {
  ownById(ctx);
  return noContent;
}

function readSubscription(ctx: GraphContext): Subscription {
  const { body, caller } = ctx;
  const { changeType, notificationUrl, resource, clientState, latestSupportedTlsVersion } = body;
  if (!isText(changeType) || !isText(notificationUrl) || !isText(resource)) throw unreadable();
  refuseWhatIsNeverSent(body);
  const tls = isText(latestSupportedTlsVersion) ? latestSupportedTlsVersion : null;
  return {
    id: randomUUID(),
    applicationId: caller.appId,
    creatorId: caller.servicePrincipalId,
    resource: readResource(ctx, resource),
    changeType: readChangeType(changeType),
    notificationUrl: readUrl(ctx, notificationUrl),
    clientState: readClientState(clientState),
    latestSupportedTlsVersion: tls,
    expiresAt: readExpiry(ctx),
  };
}

/** Whoever asks for these waits for messages that would never come. */
function refuseWhatIsNeverSent(body: Json): void {
  const { lifecycleNotificationUrl, includeResourceData } = body;
  const what =
    lifecycleNotificationUrl != null
      ? 'Lifecycle notifications'
      : includeResourceData === true
        ? 'Notifications with the resource in them'
        : undefined;
  if (what === undefined) return;
  throw new GraphError({ status: 501, code: 'notSimulated' }, `${what} are not simulated.`);
}

/** [I] The text. */
const unreadable = (): GraphError =>
  validationError(
    'Could not process subscription creation payload. Are all property names spelled and camelCased properly? Also are the Datetimes in valid internet Date and Time format?',
  );

const tooMany = (): GraphError =>
  new GraphError(
    { status: 403, code: 'Forbidden' },
    'The number of subscriptions of this application has reached its limit.',
  );

function readResource({ caller }: GraphContext, resource: string): string {
  const found = /^\/?(users|groups)(?:\/([0-9a-f-]{36}))?\/?$/i.exec(resource);
  if (found === null)
    throw validationError(`Resource '${resource}' is not supported for change notifications.`);
  const kind = found[1]!.toLowerCase() as keyof typeof readersOf;
  const permissions = readersOf[kind];
  demand(
    permissions.some((permission) => caller.roles.has(permission)),
    () =>
      wordsOf.subscriptions.denied(
        permissions.map((permission) => [permission]),
        'POST',
      ),
  );
  return found[2] === undefined ? kind : `${kind}/${found[2].toLowerCase()}`;
}

/** [OA] Users and groups support updated, which comes with a creation and a soft delete too, and deleted. */
function readChangeType(changeType: string): string {
  const types = changeType.split(',').map((type) => type.trim().toLowerCase());
  const stray = types.find((type) => type !== 'updated' && type !== 'deleted');
  if (stray !== undefined) throw validationError(`Invalid 'changeType' attribute: '${stray}'.`);
  return types.join(',');
}

function readUrl({ tenant }: GraphContext, notificationUrl: string): string {
  const isPlain = !notificationUrl.toLowerCase().startsWith('https:');
  if (isPlain && tenant.config.switches.plainNotificationUrls === 'refused') {
    throw validationError('The notificationUrl must make use of the HTTPS protocol.');
  }
  return notificationUrl;
}

function readClientState(clientState: unknown): string | null {
  if (!isText(clientState)) return null;
  demand(clientState.length <= longestClientState, () =>
    validationError(`The clientState has more than ${longestClientState} characters.`),
  );
  return clientState;
}

function readExpiry({ body, now }: GraphContext): number {
  const { expirationDateTime } = body;
  const asked = isText(expirationDateTime) ? Date.parse(expirationDateTime) : NaN;
  if (Number.isNaN(asked)) throw unreadable();
  if (asked <= now) throw validationError('Subscription expiration must be in the future.');
  if (asked > now + longestMinutes * minuteMs) {
    throw validationError(`Subscription expiration can only be ${longestMinutes} minutes in the future.`);
  }
  return Math.max(asked, now + shortestMinutes * minuteMs);
}

/** So that expired ones do not pile up. */
function sweepExpired({ tenant, writer, now }: GraphContext): void {
  for (const { id, expiresAt } of [...tenant.subscriptions.truths()]) {
    if (expiresAt <= now) writer.put('subscriptions', id, undefined);
  }
}
