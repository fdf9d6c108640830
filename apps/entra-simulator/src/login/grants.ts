import { digest } from '../foundation/ids.js';
import type { Json } from '../foundation/json.js';
import type { App, User } from '../state/model.js';
import type { Session } from '../state/model-sign-in.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import { checkAssertion } from './assertion.js';
import { knownApp } from './consent-lag.js';
import { publicClientOf } from './destinations.js';
import {
  appDisabled,
  appNotFound,
  expiredSecret,
  grantExpired,
  grantRevoked,
  grantUnknown,
  missingParameter,
  noCredential,
  tenantNotFound,
  unsupportedGrant,
  userRefused,
  wrongSecret,
} from './errors.js';
import { credentialsOf } from './registrations.js';
import { resourceOfUser, resourceOfApp, type Resource } from './resources.js';
import { endOf, renewSession, sessionOfRefreshToken } from './sessions.js';
import { tokenLifetimeSeconds, type Tokens } from './tokens.js';
import { signInUser } from './user-sign-in.js';
import { verdicts } from './verdicts.js';

export interface TokenRequest {
  /** As the path names it: an id or a domain. */
  readonly tenant: string;
  readonly form: URLSearchParams;
  readonly requestId: string;
  /** What the caller calls it. */
  readonly correlationId: string;
}

interface Asked extends TokenRequest {
  readonly found: Tenant;
}

export const tokenPath = '/oauth2/v2.0/token';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What the token endpoint gives: to an app by its credential, to a user by password or refresh token. */
export class Grants {
  private readonly world: World;
  private readonly tokens: Tokens;
  private readonly origin: () => string;

  constructor(parts: { world: World; tokens: Tokens; origin: () => string }) {
    this.world = parts.world;
    this.tokens = parts.tokens;
    this.origin = parts.origin;
  }

  /** The body of the answer; a refusal is thrown. An app's token lacks the permissions named in `without`. */
  async answer(request: TokenRequest, without: readonly string[]): Promise<Json> {
    const grantType = request.form.get('grant_type') ?? '';
    const found = this.tenantOf(request);
    if (found === undefined) throw tenantNotFound(request.tenant);
    const asked = { ...request, found };
    switch (grantType) {
      case 'client_credentials':
        return this.toApp(asked, without);
      case 'password':
        return this.byPassword(asked);
      case 'refresh_token':
        return this.byRefreshToken(asked);
      default:
        throw unsupportedGrant(grantType);
    }
  }

  /** `organizations` and `common` stand for the tenant of the user who is named. */
  private tenantOf({ tenant, form }: TokenRequest): Tenant | undefined {
    const domain = (form.get('username') ?? '').split('@')[1];
    return isAnyTenant(tenant) && domain !== undefined
      ? this.world.findTenant(domain)
      : this.world.findTenant(tenant);
  }

  private async toApp(asked: Asked, without: readonly string[]): Promise<Json> {
    const { found: tenant, form } = asked;
    const app = this.appOf(asked);
    const resource = resourceOfApp(form.get('scope') ?? '', tenant, this.origin());
    const byCertificate = await this.proveClient(app, asked);
    if (app.disabled) throw appDisabled(app.clientId);
    const permissions = app.permissions.filter((permission) => !without.includes(permission));
    const token = await this.tokens.issue(
      tenant,
      { ...app, permissions },
      { now: this.world.clock.now(), byCertificate, audience: resource.audience },
    );
    return bearer(token, tokenLifetimeSeconds);
  }

  private appOf({ found: tenant, form }: Asked): App {
    const clientId = form.get('client_id') ?? '';
    const app = tenant.apps.get(clientId.toLowerCase());
    if (app?.consented !== true) throw appNotFound(clientId, tenant.config.displayName);
    return knownApp(tenant, app, this.world.clock.now());
  }

  private async proveClient(app: App, { found: tenant, form }: Asked): Promise<boolean> {
    const credentials = credentialsOf(this.world, app);
    const now = this.world.clock.now();
    const jwt = form.get('client_assertion');
    if (jwt !== null && form.get('client_assertion_type') === assertionType) {
      await checkAssertion(credentials, { jwt, audiences: this.audiencesOf(tenant), now });
      return true;
    }
    const secret = form.get('client_secret');
    if (secret === null) throw noCredential();
    const hash = digest(app.clientId, secret);
    const found = credentials.secrets.find((one) => one.hash === hash);
    if (found === undefined) throw wrongSecret(app.clientId);
    if (found.endAt !== null && found.endAt <= now) throw expiredSecret(app.clientId);
    return false;
  }

  private audiencesOf(tenant: Tenant): string[] {
    const names = [tenant.id, ...tenant.config.domains.map((domain) => domain.name)];
    return names.flatMap((name) => [`${this.origin()}/${name}${tokenPath}`, `${this.origin()}/${name}/v2.0`]);
  }

  /** Password alone, with nobody there to answer an interrupt; a pass is no password. */
  private async byPassword(asked: Asked): Promise<Json> {
    const { found: tenant, form } = asked;
    const [userPrincipalName, password] = [form.get('username'), form.get('password')];
    if (userPrincipalName === null) throw missingParameter('username');
    if (password === null) throw missingParameter('password');
    const client = await this.clientOf(asked);
    const resource = resourceOfUser(form.get('scope') ?? '', tenant, this.origin());
    const wantsRefreshToken = resource.isOffline;
    const outcome = signInUser(this.world, this.writer(asked), {
      attempt: { userPrincipalName, password, method: 'none' },
      target: {
        kind: 'resource',
        appId: client.id,
        appDisplayName: client.name,
        resourceDisplayName: resource.displayName,
        clientAppType: 'mobileAppsAndDesktopClients',
        correlationId: asked.correlationId,
        isAdminSurface: resource.isAdminSurface,
        isUnattended: true,
        wantsRefreshToken,
      },
    });
    const { user, session, verdict, refreshToken } = outcome;
    if (user === undefined || session === undefined) throw userRefused(verdict ?? verdicts.unknownUser);
    const renewal = wantsRefreshToken ? { refresh_token: refreshToken } : {};
    return { ...(await this.toUser(tenant, { user, session, resource, clientId: client.id })), ...renewal };
  }

  private async byRefreshToken(asked: Asked): Promise<Json> {
    const { found: tenant, form } = asked;
    const client = await this.clientOf(asked);
    const session = sessionOfRefreshToken(tenant, form.get('refresh_token') ?? '');
    if (session?.clientId !== client.id) throw grantUnknown();
    const user = tenant.users.truth(session.userId);
    const end = endOf(this.world, tenant, session);
    if (user === undefined) throw userRefused(verdicts.unknownUser);
    if (end === 'user-disabled') throw userRefused(verdicts.disabled);
    if (end === 'expired' || end === 'pass-expired') throw grantExpired();
    if (end !== undefined) throw grantRevoked();
    const resource = resourceOfUser(form.get('scope') ?? '', tenant, this.origin());
    const renewed = renewSession(this.writer(asked), session);
    const given = await this.toUser(tenant, { user, session: renewed, resource, clientId: client.id });
    return { ...given, refresh_token: form.get('refresh_token') };
  }

  /** Microsoft's own public clients are everywhere; an app with credentials must show one. */
  private async clientOf(asked: Asked): Promise<{ id: string; name: string }> {
    const own = publicClientOf(asked.form.get('client_id') ?? '');
    if (own !== undefined) return own;
    const app = this.appOf(asked);
    const { secrets, certificates, federated } = credentialsOf(this.world, app);
    if (secrets.length + certificates.length + federated.length > 0) await this.proveClient(app, asked);
    if (app.disabled) throw appDisabled(app.clientId);
    return { id: app.clientId.toLowerCase(), name: app.displayName };
  }

  private async toUser(tenant: Tenant, given: Given): Promise<Json> {
    const now = this.world.clock.now();
    const seconds = Math.max(1, Math.floor((given.session.accessTokenEndsAt - now) / 1000));
    const { resource } = given;
    const token = await this.tokens.issueToUser(tenant, given.user, {
      now,
      seconds,
      clientId: given.clientId,
      audience: resource.audience,
      scope: 'user_impersonation',
    });
    return { ...bearer(token, seconds), scope: `${resource.audience}/user_impersonation` };
  }

  private writer({ found, requestId }: Asked): Writer {
    return new Writer(this.world, found, { by: 'portal', requestId });
  }
}

interface Given {
  readonly user: User;
  readonly session: Session;
  readonly resource: Resource;
  readonly clientId: string;
}

export const isAnyTenant = (name: string): boolean =>
  ['organizations', 'common'].includes(name.toLowerCase());

const bearer = (token: string, seconds: number): Json => ({
  token_type: 'Bearer',
  expires_in: seconds,
  ext_expires_in: seconds,
  access_token: token,
});
