import type { FaultAnswer } from '../control/fault-rules.js';
import type { Interference, Plan } from '../control/interference.js';
import type { Json } from '../foundation/json.js';
import { garbled, isGarbled, retryAfter } from '../graph/fault-reply.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { cloudOf } from './clouds.js';
import { ConsentPage, consentPaths } from './consent-page.js';
import { SignInError, signInErrorBody, tenantNotFound } from './errors.js';
import { Grants, isAnyTenant, tokenPath, type TokenRequest } from './grants.js';
import type { LoginReply } from './reply.js';
import type { Tokens } from './tokens.js';

/** An HTTP request outside Graph, taken apart. */
export interface LoginRequest extends TokenRequest {
  readonly method: string;
  /** Without the tenant. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The sign-in side: tokens for apps, and the documents by which clients find it. */
export class LoginService {
  private readonly world: World;
  private readonly tokens: Tokens;
  private readonly interference: Interference;
  private readonly origin: () => string;
  private readonly grants: Grants;
  private readonly consentPage: ConsentPage;

  constructor(parts: { world: World; tokens: Tokens; interference: Interference; origin: () => string }) {
    this.world = parts.world;
    this.tokens = parts.tokens;
    this.interference = parts.interference;
    this.origin = parts.origin;
    this.grants = new Grants(parts);
    this.consentPage = new ConsentPage(parts.world);
  }

  /** As what the request log shows a call. */
  kindOf(method: string, path: string): 'token' | 'consent' | 'discovery' {
    if (path === tokenPath && method === 'POST') return 'token';
    return consentPaths.isConsent(path) ? 'consent' : 'discovery';
  }

  answer(asked: LoginRequest, kind: 'token' | 'consent' | 'discovery'): LoginReply | Promise<LoginReply> {
    if (kind === 'token') return this.token(asked);
    if (kind === 'consent') {
      return this.consentPage.answer({ ...asked, isOld: asked.path === consentPaths.oldPath });
    }
    const { path, query } = asked;
    if (path === '/v2.0/.well-known/openid-configuration') return this.discovery(asked);
    if (path === '/discovery/v2.0/keys') return this.keys();
    if (path === '/discovery/instance') return this.instance(query.get('authorization_endpoint'));
    return { status: 404, body: { error: 'not_found' } };
  }

  private async token(request: TokenRequest): Promise<LoginReply> {
    const plan = this.interference.plan(this.probeOf(request));
    if (plan === undefined) return this.grant(request);
    await plan.before();
    const reply = await this.underPlan(request, plan);
    await plan.after();
    return reply;
  }

  private discovery(request: TokenRequest): LoginReply {
    const tenantName = request.tenant;
    const tenant = this.world.findTenant(tenantName);
    if (tenant === undefined && !isAnyTenant(tenantName)) {
      return this.refusal(tenantNotFound(tenantName), request);
    }
    const id = tenant?.id ?? '{tenantid}';
    const root = `${this.origin()}/${tenant?.id ?? tenantName}`;
    return { status: 200, body: discoveryDocument(root, `${this.origin()}/${id}/v2.0`, tenant) };
  }

  private async keys(): Promise<LoginReply> {
    return { status: 200, body: { ...(await this.tokens.keys()) } };
  }

  /** Asked with an authorization endpoint, that tenant's cloud is told as an alias of this one host. */
  private instance(authorizationEndpoint: string | null): LoginReply {
    const { host } = new URL(this.origin());
    const name = URL.canParse(authorizationEndpoint ?? '')
      ? new URL(authorizationEndpoint!).pathname.split('/')[1]
      : undefined;
    const tenant = this.world.findTenant(name ?? '');
    return {
      status: 200,
      body: {
        tenant_discovery_endpoint: `${this.origin()}/${tenant?.id ?? 'common'}/v2.0/.well-known/openid-configuration`,
        'api-version': '1.1',
        metadata: [
          { preferred_network: host, preferred_cache: host, aliases: [host, cloudOf(tenant).loginHost] },
        ],
      },
    };
  }

  private async underPlan(request: TokenRequest, plan: Plan): Promise<LoginReply> {
    const { answer, isCarriedOut, isTwice, withoutPermissions } = plan;
    if (isCarriedOut && isTwice) await this.grant(request);
    const own: LoginReply = isCarriedOut ? await this.grant(request, withoutPermissions) : { status: 200 };
    if (answer === undefined) return own;
    return isGarbled(answer) ? garbled(answer, own) : this.faulty(answer, request);
  }

  private async grant(request: TokenRequest, without: readonly string[] = []): Promise<LoginReply> {
    try {
      return { status: 200, body: await this.grants.answer(request, without) };
    } catch (error) {
      if (error instanceof SignInError) return this.refusal(error, request);
      throw error;
    }
  }

  private refusal(error: SignInError, { requestId, correlationId }: TokenRequest): LoginReply {
    const trace = { now: this.world.clock.now(), traceId: requestId, correlationId };
    return { status: error.status, body: signInErrorBody(error, trace) };
  }

  /** A rule's code is an AADSTS number; 90033 says that the service is unavailable for the moment. */
  private faulty(answer: Exclude<FaultAnswer, { garble: unknown }>, request: TokenRequest): LoginReply {
    const { status, code, message } = answer;
    const number = Number(code ?? '90033');
    const text = message ?? 'A transient error has occurred. Please try again.';
    const kind = { status, error: errorName(status), code: Number.isInteger(number) ? number : 90033 };
    const refusal = this.refusal(new SignInError(kind, text), request);
    return { ...refusal, headers: retryAfter(answer, this.world.clock.now()) };
  }

  private probeOf({ tenant, requestId }: TokenRequest) {
    const tenantId = this.world.findTenant(tenant)?.id ?? null;
    return {
      requestId,
      tenantId,
      method: 'POST',
      path: tokenPath,
      partId: null,
      isPart: false,
      body: undefined,
    };
  }
}

const errorName = (status: number): string =>
  status === 401
    ? 'invalid_client'
    : status >= 500 || status === 429
      ? 'temporarily_unavailable'
      : 'invalid_request';

const discoveryDocument = (root: string, issuer: string, tenant: Tenant | undefined): Json => ({
  token_endpoint: `${root}/oauth2/v2.0/token`,
  token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
  jwks_uri: `${root}/discovery/v2.0/keys`,
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
  scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  issuer,
  request_uri_parameter_supported: false,
  authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
  device_authorization_endpoint: `${root}/oauth2/v2.0/devicecode`,
  end_session_endpoint: `${root}/oauth2/v2.0/logout`,
  claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
  ...cloudClaims(tenant),
});

function cloudClaims(tenant: Tenant | undefined): Json {
  const { region, subRegion, instance, oldGraphHost, graphHost } = cloudOf(tenant);
  return {
    tenant_region_scope: tenant === undefined ? null : region,
    ...(subRegion === undefined ? {} : { tenant_region_sub_scope: subRegion }),
    cloud_instance_name: instance,
    cloud_graph_host_name: oldGraphHost,
    msgraph_host: graphHost,
    rbac_url: 'https://pas.windows.net',
  };
}
