import { randomUUID } from 'node:crypto';
import type { FaultAnswer, Interference, Plan } from '../control/interference.js';
import { digest } from '../foundation/ids.js';
import type { Json } from '../foundation/json.js';
import type { App } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { checkAssertion } from './assertion.js';
import {
  appDisabled,
  appNotFound,
  badScope,
  expiredSecret,
  noCredential,
  SignInError,
  signInErrorBody,
  tenantNotFound,
  unknownResource,
  unsupportedGrant,
  wrongSecret,
} from './errors.js';
import { graphAudience, tokenLifetimeSeconds, type Tokens } from './tokens.js';

export interface TokenRequest {
  /** As the path names it: an id or a domain. */
  readonly tenant: string;
  readonly form: URLSearchParams;
  readonly requestId: string;
}
export interface LoginReply {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Record<string, string>;
}

export const tokenPath = '/oauth2/v2.0/token';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The sign-in side: tokens for apps, and the documents by which clients find it. */
export class LoginService {
  private readonly world: World;
  private readonly tokens: Tokens;
  private readonly interference: Interference;
  private readonly origin: () => string;

  constructor(parts: { world: World; tokens: Tokens; interference: Interference; origin: () => string }) {
    this.world = parts.world;
    this.tokens = parts.tokens;
    this.interference = parts.interference;
    this.origin = parts.origin;
  }

  async token(request: TokenRequest): Promise<LoginReply> {
    const plan = this.interference.plan(this.probeOf(request));
    if (plan === undefined) return this.grant(request);
    await plan.before();
    const reply = await this.underPlan(request, plan);
    await plan.after();
    return reply;
  }

  discovery(tenantName: string): LoginReply {
    const tenant = this.world.findTenant(tenantName);
    if (tenant === undefined && !['common', 'organizations'].includes(tenantName)) {
      return this.refusal(tenantNotFound(tenantName));
    }
    const id = tenant?.id ?? '{tenantid}';
    const root = `${this.origin()}/${tenant?.id ?? tenantName}`;
    return { status: 200, body: discoveryDocument(root, `${this.origin()}/${id}/v2.0`) };
  }

  async keys(): Promise<LoginReply> {
    return { status: 200, body: { ...(await this.tokens.keys()) } };
  }

  instance(): LoginReply {
    const { host } = new URL(this.origin());
    return {
      status: 200,
      body: {
        tenant_discovery_endpoint: `${this.origin()}/common/v2.0/.well-known/openid-configuration`,
        'api-version': '1.1',
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
      },
    };
  }

  private async underPlan(request: TokenRequest, { answer }: Plan): Promise<LoginReply> {
    if (answer === undefined) return this.grant(request);
    if (answer.commit === true) await this.grant(request);
    return this.faulty(answer);
  }

  private async grant(request: TokenRequest): Promise<LoginReply> {
    try {
      const { tenant, app, byCertificate } = await this.prove(request);
      const token = await this.tokens.issue(tenant, app, { now: this.world.clock.now(), byCertificate });
      return {
        status: 200,
        body: {
          token_type: 'Bearer',
          expires_in: tokenLifetimeSeconds,
          ext_expires_in: tokenLifetimeSeconds,
          access_token: token,
        },
      };
    } catch (error) {
      if (error instanceof SignInError) return this.refusal(error);
      throw error;
    }
  }

  private async prove({ tenant: name, form }: TokenRequest) {
    const tenant = this.world.findTenant(name);
    if (tenant === undefined) throw tenantNotFound(name);
    const grantType = form.get('grant_type') ?? '';
    if (grantType !== 'client_credentials') throw unsupportedGrant(grantType);
    const clientId = form.get('client_id') ?? '';
    const app = tenant.apps.get(clientId.toLowerCase());
    if (app?.consented !== true) throw appNotFound(clientId, tenant.config.displayName);
    this.checkScope(form.get('scope') ?? '');
    const byCertificate = await this.checkCredential(tenant, app, form);
    if (app.disabled) throw appDisabled(clientId);
    return { tenant, app, byCertificate };
  }

  private checkScope(scope: string): void {
    if (!scope.endsWith('/.default')) throw badScope(scope);
    const resource = scope.slice(0, -'/.default'.length).replace(/\/$/, '');
    const known = [graphAudience, '00000003-0000-0000-c000-000000000000', this.origin()];
    if (!known.includes(resource)) throw unknownResource(resource);
  }

  private async checkCredential(tenant: Tenant, app: App, form: URLSearchParams): Promise<boolean> {
    const jwt = form.get('client_assertion');
    if (jwt !== null && form.get('client_assertion_type') === assertionType) {
      const audiences = [tenant.id, ...tenant.config.domains.map((domain) => domain.name)].flatMap((name) => [
        `${this.origin()}/${name}${tokenPath}`,
        `${this.origin()}/${name}/v2.0`,
      ]);
      await checkAssertion(app, { jwt, audiences, now: this.world.clock.now() });
      return true;
    }
    const secret = form.get('client_secret');
    if (secret === null) throw noCredential();
    this.checkSecret(app, secret);
    return false;
  }

  private checkSecret(app: App, secret: string): void {
    const hash = digest(app.clientId, secret);
    const found = app.secrets.find((one) => one.hash === hash);
    if (found === undefined) throw wrongSecret(app.clientId);
    if (found.endAt !== null && found.endAt <= this.world.clock.now()) throw expiredSecret(app.clientId);
  }

  private refusal(error: SignInError, headers: Record<string, string> = {}): LoginReply {
    const trace = { now: this.world.clock.now(), traceId: randomUUID(), correlationId: randomUUID() };
    return { status: error.status, body: signInErrorBody(error, trace), headers };
  }

  /** A rule's code is an AADSTS number; 90033 says that the service is unavailable for the moment. */
  private faulty({ status, code, message, retryAfter }: FaultAnswer): LoginReply {
    const number = Number(code ?? '90033');
    const text = message ?? 'A transient error has occurred. Please try again.';
    const kind = { status, error: errorName(status), code: Number.isInteger(number) ? number : 90033 };
    const error = new SignInError(kind, text);
    return this.refusal(error, retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) });
  }

  private probeOf({ tenant, requestId }: TokenRequest) {
    const tenantId = this.world.findTenant(tenant)?.id ?? null;
    return { requestId, tenantId, method: 'POST', path: tokenPath, partId: null, isPart: false };
  }
}

const errorName = (status: number): string =>
  status === 401
    ? 'invalid_client'
    : status >= 500 || status === 429
      ? 'temporarily_unavailable'
      : 'invalid_request';

const discoveryDocument = (root: string, issuer: string): Json => ({
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
  tenant_region_scope: 'EU',
});
