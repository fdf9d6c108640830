import type { MethodKind } from '../../control/contract.js';
import { deleteMethod, isPass, mintPass, passEndAt, passUsability } from '../../directory/methods.js';
import { isoSeconds } from '../../foundation/clock.js';
import { isText, type Json } from '../../foundation/json.js';
import type { Method, Pass } from '../../state/model.js';
import {
  demand,
  liveUser,
  noContent,
  ok,
  param,
  seenUser,
  type GraphContext,
  type GraphReply,
  type Route,
} from '../context.js';
import { methodNotFound, methodsBadRequest, methodsDenied } from '../errors.js';

export const passwordMethodId = '28c10230-6103-485e-b985-444c60001490';
const base = '/users/{user-id}/authentication';
const passPath = `${base}/temporaryAccessPassMethods`;
const passId = 'temporaryAccessPassAuthenticationMethod-id';

const kinds: readonly { kind: MethodKind; segment: string; type: string; permission: string }[] = [
  { kind: 'fido2', segment: 'fido2Methods', type: 'fido2AuthenticationMethod', permission: 'Passkey' },
  {
    kind: 'softwareOath',
    segment: 'softwareOathMethods',
    type: 'softwareOathAuthenticationMethod',
    permission: 'SoftwareOATH',
  },
  { kind: 'phone', segment: 'phoneMethods', type: 'phoneAuthenticationMethod', permission: 'Phone' },
  {
    kind: 'microsoftAuthenticator',
    segment: 'microsoftAuthenticatorMethods',
    type: 'microsoftAuthenticatorAuthenticationMethod',
    permission: 'MicrosoftAuthApp',
  },
];

const reads = (own: string) => [
  [`UserAuthMethod-${own}.Read.All`],
  [`UserAuthMethod-${own}.ReadWrite.All`],
  ['UserAuthenticationMethod.Read.All'],
  ['UserAuthenticationMethod.ReadWrite.All'],
];
const writes = (own: string) => [
  [`UserAuthMethod-${own}.ReadWrite.All`],
  ['UserAuthenticationMethod.ReadWrite.All'],
];

export const methodRoutes: readonly Route[] = [
  { method: 'GET', path: `${base}/methods`, workload: 'methods', answer: listAll },
  { method: 'GET', path: `${base}/methods/{authenticationMethod-id}`, workload: 'methods', answer: getAny },
  { method: 'GET', path: `${base}/passwordMethods`, workload: 'methods', answer: listPasswordMethods },
  {
    method: 'GET',
    path: `${base}/passwordMethods/{passwordAuthenticationMethod-id}`,
    workload: 'methods',
    answer: getPasswordMethod,
  },
  {
    method: 'GET',
    path: `${base}/operations/{longRunningOperation-id}`,
    workload: 'methods',
    asks: reads('Password'),
    answer: (ctx) => {
      // Only resetPassword starts any, and that is not for applications.
      seenUser(ctx, ctx.methodsView);
      throw methodNotFound();
    },
  },
  { method: 'GET', path: passPath, workload: 'methods', answer: listPasses },
  { method: 'POST', path: passPath, workload: 'methods', answer: postPass },
  { method: 'GET', path: `${passPath}/{${passId}}`, workload: 'methods', answer: getPass },
  { method: 'DELETE', path: `${passPath}/{${passId}}`, workload: 'methods', answer: deletePass },
  {
    method: 'POST',
    path: `${base}/methods/{authenticationMethod-id}/resetPassword`,
    workload: 'methods',
    asks: [[]],
    answer: () => {
      // Not supported for applications, whatever they may hold.
      throw methodsDenied();
    },
  },
  ...kinds.flatMap(routesOfKind),
];

function routesOfKind({ kind, segment, permission }: (typeof kinds)[number]): Route[] {
  const id = `${kind}-id`;
  const path = `${base}/${segment}`;
  return [
    {
      method: 'GET',
      path,
      workload: 'methods',
      asks: reads(permission),
      answer: (ctx) =>
        collection(
          ctx,
          segment,
          seenMethods(ctx).filter((method) => method.kind === kind),
        ),
    },
    {
      method: 'GET',
      path: `${path}/{${id}}`,
      workload: 'methods',
      asks: reads(permission),
      answer: (ctx) =>
        one(
          ctx,
          segment,
          seenMethods(ctx).find(
            (method) => method.kind === kind && method.id === param(ctx, id).toLowerCase(),
          ),
        ),
    },
    {
      method: 'DELETE',
      path: `${path}/{${id}}`,
      workload: 'methods',
      asks: writes(permission),
      answer: (ctx) => removeMethod(ctx, param(ctx, id), kind),
    },
  ];
}

/** For an app the permission is enough, also on an admin: methods are not among the sensitive properties. */
function removeMethod(ctx: GraphContext, id: string, kind: Method['kind']): GraphReply {
  const user = liveUser(ctx, ctx.methodsView);
  const isSeen = ctx.tenant.methods.see(id.toLowerCase(), ctx.methodsView) !== undefined;
  const method = ctx.tenant.methods.truth(id.toLowerCase());
  if (!isSeen || method === undefined || method.userId !== user.id || method.kind !== kind)
    throw methodNotFound();
  deleteMethod(ctx.writer, user, method);
  return noContent;
}

const seenMethods = (ctx: GraphContext): Method[] =>
  ctx.tenant.methods.lookUp('user', seenUser(ctx, ctx.methodsView).id, ctx.methodsView);

function listAll(ctx: GraphContext): GraphReply {
  const user = seenUser(ctx, ctx.methodsView);
  return answerValue(ctx, 'methods', [typedPassword(user.properties), ...seenMethods(ctx).map(typed(ctx))]);
}

const typed =
  (ctx: GraphContext) =>
  (method: Method): Json => ({ '@odata.type': typeOf(method), ...shown(ctx, method) });

const typedPassword = (properties: Readonly<Json>): Json => ({
  '@odata.type': '#microsoft.graph.passwordAuthenticationMethod',
  ...passwordMethod(properties),
});

function getAny(ctx: GraphContext): GraphReply {
  const user = seenUser(ctx, ctx.methodsView);
  const wanted = param(ctx, 'authenticationMethod-id').toLowerCase();
  const found = [typedPassword(user.properties), ...seenMethods(ctx).map(typed(ctx))].find(
    (method) => method['id'] === wanted,
  );
  if (found === undefined) throw methodNotFound();
  return ok({ '@odata.context': contextOf(ctx, 'methods/$entity'), ...found });
}

function getPasswordMethod(ctx: GraphContext): GraphReply {
  const user = seenUser(ctx, ctx.methodsView);
  const wanted = param(ctx, 'passwordAuthenticationMethod-id').toLowerCase();
  demand(wanted === passwordMethodId, methodNotFound);
  const context = contextOf(ctx, 'passwordMethods/$entity');
  return ok({ '@odata.context': context, ...passwordMethod(user.properties) });
}

function listPasswordMethods(ctx: GraphContext): GraphReply {
  return answerValue(ctx, 'passwordMethods', [passwordMethod(seenUser(ctx, ctx.methodsView).properties)]);
}

const passwordMethod = (properties: Readonly<Json>): Json => ({
  id: passwordMethodId,
  password: null,
  createdDateTime: properties['lastPasswordChangeDateTime'] ?? null,
});

function listPasses(ctx: GraphContext): GraphReply {
  refuseChina(ctx);
  return collection(ctx, 'temporaryAccessPassMethods', seenMethods(ctx).filter(isPass));
}

function getPass(ctx: GraphContext): GraphReply {
  refuseChina(ctx);
  const wanted = param(ctx, passId).toLowerCase();
  const pass = seenMethods(ctx).find((method) => isPass(method) && method.id === wanted);
  return one(ctx, 'temporaryAccessPassMethods', pass);
}

function deletePass(ctx: GraphContext): GraphReply {
  refuseChina(ctx);
  return removeMethod(ctx, param(ctx, passId), 'pass');
}

function postPass(ctx: GraphContext): GraphReply {
  refuseChina(ctx);
  const user = liveUser(ctx, ctx.methodsView);
  const terms = passTerms(ctx);
  const { switches, passPolicy } = ctx.tenant.config;
  demand(passPolicy.state === 'enabled' || switches.passWhenPolicyOff === 'created', () =>
    methodsBadRequest('Temporary Access Pass is disabled by policy.'),
  );
  const older = ctx.tenant.methods.lookUp('user', user.id).filter(isPass);
  const isAnyValid = older.some((pass) => passEndAt(pass) > ctx.now && !(pass.isUsableOnce && pass.used));
  demand(!isAnyValid || switches.secondPass === 'replaces', () =>
    methodsBadRequest('A valid Temporary Access Pass already exists for this user.'),
  );
  for (const pass of older) deleteMethod(ctx.writer, user, pass);
  const { pass, text } = mintPass(ctx.writer, user, terms);
  const context = contextOf(ctx, 'temporaryAccessPassMethods/$entity');
  return { status: 201, body: { '@odata.context': context, ...shown(ctx, pass), temporaryAccessPass: text } };
}

function passTerms(ctx: GraphContext): Pick<Pass, 'startAt' | 'lifetimeInMinutes' | 'isUsableOnce'> {
  const { passPolicy: policy } = ctx.tenant.config;
  const { lifetimeInMinutes = policy.defaultLifetimeInMinutes, isUsableOnce, startDateTime } = ctx.body;
  const lifetime = Number(lifetimeInMinutes);
  const { minimumLifetimeInMinutes: shortest, maximumLifetimeInMinutes: longest } = policy;
  demand(lifetime >= shortest && lifetime <= longest, () =>
    methodsBadRequest(
      `Invalid LifetimeInMinutes specified. The valid range between ${shortest} and ${longest}.`,
    ),
  );
  demand(isUsableOnce !== false || !policy.isUsableOnce, () =>
    methodsBadRequest('The policy allows one-time passes only.'),
  );
  const startAt = isText(startDateTime) ? Date.parse(startDateTime) : ctx.now;
  return {
    startAt: Math.max(startAt, ctx.now),
    lifetimeInMinutes: lifetime,
    isUsableOnce: isUsableOnce === true || policy.isUsableOnce,
  };
}

function shown(ctx: GraphContext, method: Method): Json {
  const createdDateTime = isoSeconds(method.createdAt);
  if (!isPass(method)) return { id: method.id, ...asRegistered[method.kind], createdDateTime };
  const reason = passUsability(ctx.tenant, method, ctx.now);
  return {
    id: method.id,
    temporaryAccessPass: null,
    createdDateTime,
    startDateTime: isoSeconds(method.startAt),
    lifetimeInMinutes: method.lifetimeInMinutes,
    isUsableOnce: method.isUsableOnce,
    isUsable: reason === 'EnabledByPolicy',
    methodUsabilityReason: reason,
  };
}

/** What a registered method looks like; nothing of it is a secret. */
const asRegistered: Readonly<Record<MethodKind, Json>> = {
  fido2: {
    displayName: 'Security key',
    aaGuid: '2fc0579f-8113-47ea-b116-bb5a8db9202a',
    model: 'Security key with NFC',
    attestationCertificates: [],
    attestationLevel: 'attested',
  },
  softwareOath: { secretKey: null },
  phone: { phoneNumber: '+1 5550100', phoneType: 'mobile', smsSignInState: 'notAllowedByPolicy' },
  microsoftAuthenticator: {
    displayName: 'Phone',
    deviceTag: 'SoftwareTokenActivated',
    phoneAppVersion: '6.8.0',
  },
};

const typeOf = (method: Method): string => {
  const type =
    kinds.find(({ kind }) => kind === method.kind)?.type ?? 'temporaryAccessPassAuthenticationMethod';
  return `#microsoft.graph.${type}`;
};

const collection = (ctx: GraphContext, segment: string, methods: Method[]): GraphReply =>
  answerValue(
    ctx,
    segment,
    methods.map((method) => shown(ctx, method)),
  );

function one(ctx: GraphContext, segment: string, method: Method | undefined): GraphReply {
  if (method === undefined) throw methodNotFound();
  return ok({ '@odata.context': contextOf(ctx, `${segment}/$entity`), ...shown(ctx, method) });
}

const answerValue = (ctx: GraphContext, segment: string, value: Json[]): GraphReply =>
  ok({ '@odata.context': contextOf(ctx, segment), value });

const contextOf = (ctx: GraphContext, what: string): string =>
  `${ctx.root}/$metadata#users('${param(ctx, 'user-id')}')/authentication/${what}`;

/** Temporary access passes do not exist in the China cloud. */
function refuseChina(ctx: GraphContext): void {
  demand(ctx.tenant.config.switches.cloud !== 'china', methodNotFound);
}
