import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { errors, exportJWK, jwtVerify, SignJWT, type JWK, type JWTPayload } from 'jose';
import { allAssignmentsOf } from '../directory/memberships.js';
import { uuidFrom } from '../foundation/ids.js';
import { expiredToken } from '../graph/errors.js';
import type { Caller } from '../graph/context.js';
import type { App } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';

export const graphAudience = 'https://graph.microsoft.com';
export const tokenLifetimeSeconds = 3599;
const backdatedSeconds = 300;
const mostCached = 20_000;

/** Access tokens for Graph: real signed JWTs, checked once each and then known by their text. */
export class Tokens {
  private readonly publicKey: KeyObject;
  private readonly keyId: string;
  private readonly checked = new Map<string, Caller>();

  constructor(private readonly privateKey: KeyObject) {
    this.publicKey = createPublicKey(privateKey);
    const der = this.publicKey.export({ type: 'spki', format: 'der' });
    this.keyId = createHash('sha256').update(der).digest('base64url').slice(0, 27);
  }

  static fromPem(pem: string): Tokens {
    return new Tokens(createPrivateKey(pem));
  }

  static newKeyPem(): string {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  async keys(): Promise<{ keys: JWK[] }> {
    const jwk = await exportJWK(this.publicKey);
    return { keys: [{ ...jwk, kid: this.keyId, x5t: this.keyId, use: 'sig', alg: 'RS256' }] };
  }

  /** What the app was consented to is fixed in the token now; no consent at all leaves `roles` out. */
  issue(tenant: Tenant, app: App, grant: { now: number; byCertificate: boolean }): Promise<string> {
    const at = Math.floor(grant.now / 1000);
    const claims: JWTPayload = {
      app_displayname: app.displayName,
      appid: app.clientId,
      appidacr: grant.byCertificate ? '2' : '1',
      idp: `https://sts.windows.net/${tenant.id}/`,
      idtyp: 'app',
      oid: app.servicePrincipalId,
      ...(app.permissions.length === 0 ? {} : { roles: [...app.permissions] }),
      sub: app.servicePrincipalId,
      tenant_region_scope: 'EU',
      tid: tenant.id,
      uti: randomUUID().slice(0, 22),
      ver: '1.0',
      wids: widsOf(tenant, app),
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.keyId, x5t: this.keyId })
      .setAudience(graphAudience)
      .setIssuer(`https://sts.windows.net/${tenant.id}/`)
      .setIssuedAt(at)
      .setNotBefore(at - backdatedSeconds)
      .setExpirationTime(at + tokenLifetimeSeconds)
      .sign(this.privateKey);
  }

  /** Who calls; a token that was good once is good until it expires. */
  async check(authorization: string | undefined, now: number): Promise<Caller> {
    const token = /^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw expiredToken('Access token is empty.');
    const caller = this.checked.get(token) ?? (await this.verify(token, now));
    if (caller.expiresAt * 1000 <= now) throw tokenExpired();
    return caller;
  }

  private async verify(token: string, now: number): Promise<Caller> {
    const claims = await this.claimsOf(token, now);
    const caller: Caller = {
      tenantId: String(claims['tid']),
      appId: String(claims['appid']),
      servicePrincipalId: String(claims['oid']),
      roles: new Set(claims['roles'] as string[] | undefined),
      expiresAt: claims.exp ?? 0,
    };
    if (this.checked.size >= mostCached) this.checked.clear();
    this.checked.set(token, caller);
    return caller;
  }

  private async claimsOf(token: string, now: number): Promise<JWTPayload> {
    try {
      const options = { audience: graphAudience, currentDate: new Date(now), algorithms: ['RS256'] };
      return (await jwtVerify(token, this.publicKey, options)).payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw tokenExpired();
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
        throw expiredToken('Access token validation failure. Invalid audience.');
      }
      throw expiredToken('CompactToken parsing failed with error code: 80049217');
    }
  }
}

const tokenExpired = () => expiredToken('Lifetime validation failed, the token is expired.');

/** `wids`: the directory roles of the service principal, or a fixed id when it has none. */
function widsOf(tenant: Tenant, app: App): string[] {
  const held = allAssignmentsOf(tenant, app.servicePrincipalId).filter((one) => one.directoryScopeId === '/');
  const roles = held.map((one) => one.roleDefinitionId);
  return roles.length === 0 ? ['0997a1d0-0d1d-4acb-b408-d5ca73121e90'] : roles;
}

export const servicePrincipalIdOf = (tenantId: string, clientId: string): string =>
  uuidFrom(`servicePrincipal ${tenantId.toLowerCase()} ${clientId.toLowerCase()}`);
