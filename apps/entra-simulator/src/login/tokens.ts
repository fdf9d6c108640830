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
import type { App, User } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import { cloudOf, graphAudiences } from './clouds.js';

export const tokenLifetimeSeconds = 3599;
const backdatedSeconds = 300;
const mostCached = 20_000;

interface Lifetime {
  readonly now: number;
  readonly audience: string;
  readonly seconds: number;
}
interface AppGrant {
  readonly now: number;
  readonly audience: string;
  readonly byCertificate: boolean;
}
interface UserGrant extends Lifetime {
  readonly clientId: string;
  readonly scope: string;
}

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
  issue(tenant: Tenant, app: App, grant: AppGrant): Promise<string> {
    const claims: JWTPayload = {
      app_displayname: app.displayName,
      appid: app.clientId,
      appidacr: grant.byCertificate ? '2' : '1',
      idp: `https://sts.windows.net/${tenant.id}/`,
      idtyp: 'app',
      oid: app.servicePrincipalId,
      ...(app.permissions.length === 0 ? {} : { roles: [...app.permissions] }),
      sub: app.servicePrincipalId,
      tenant_region_scope: cloudOf(tenant).region,
      tid: tenant.id,
      uti: randomUUID().slice(0, 22),
      ver: '1.0',
      wids: widsOf(tenant, app.servicePrincipalId),
    };
    return this.sign(tenant, claims, { ...grant, seconds: tokenLifetimeSeconds });
  }

  /** A delegated token: for the resources that are not simulated, and refused by Graph, which is for apps here. */
  issueToUser(tenant: Tenant, user: User, grant: UserGrant): Promise<string> {
    const claims: JWTPayload = {
      appid: grant.clientId,
      appidacr: '0',
      idtyp: 'user',
      oid: user.id,
      scp: grant.scope,
      sub: uuidFrom(`sub ${grant.clientId} ${user.id}`),
      tid: tenant.id,
      upn: user.userPrincipalName,
      unique_name: user.userPrincipalName,
      uti: randomUUID().slice(0, 22),
      ver: '1.0',
      wids: widsOf(tenant, user.id),
    };
    return this.sign(tenant, claims, grant);
  }

  private sign(tenant: Tenant, claims: JWTPayload, { now, audience, seconds }: Lifetime): Promise<string> {
    const at = Math.floor(now / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.keyId, x5t: this.keyId })
      .setAudience(audience)
      .setIssuer(`https://sts.windows.net/${tenant.id}/`)
      .setIssuedAt(at)
      .setNotBefore(at - backdatedSeconds)
      .setExpirationTime(at + seconds)
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
      const options = { audience: [...graphAudiences], currentDate: new Date(now), algorithms: ['RS256'] };
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

/** `wids`: the directory roles of the principal, or a fixed id when it has none. */
function widsOf(tenant: Tenant, principalId: string): string[] {
  const held = allAssignmentsOf(tenant, principalId).filter((one) => one.directoryScopeId === '/');
  const roles = held.map((one) => one.roleDefinitionId);
  return roles.length === 0 ? ['0997a1d0-0d1d-4acb-b408-d5ca73121e90'] : roles;
}

export const servicePrincipalIdOf = (tenantId: string, clientId: string): string =>
  uuidFrom(`servicePrincipal ${tenantId.toLowerCase()} ${clientId.toLowerCase()}`);
