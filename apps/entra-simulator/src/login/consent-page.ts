import { appRoles } from '../access/permissions.js';
import type { ConsentAnswer } from '../control/contract.js';
import type { App } from '../state/model.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import { pageOf, refusalPage, type PageText } from './consent-html.js';
import { declined, grant, mayConsent, notPermitted } from './consent.js';
import { consentTarget } from './destinations.js';
import { appNotFound, missingParameter, redirectMismatch, SignInError, tenantNotFound } from './errors.js';
import { isAnyTenant } from './grants.js';
import { registrationOf } from './registrations.js';
import type { LoginReply } from './reply.js';
import { signInUser, type SignInOutcome } from './user-sign-in.js';
import { verdicts } from './verdicts.js';

export interface PageRequest {
  readonly method: string;
  /** As the path names it. */
  readonly tenant: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** The older form of the path has no scope: it means everything. */
  readonly isOld: boolean;
  readonly requestId: string;
}

const newPath = '/v2.0/adminconsent';
const oldPath = '/adminconsent';
export const consentPaths = { isConsent: (path: string) => path === newPath || path === oldPath, oldPath };

const everything = 'https://graph.microsoft.com/.default';

/** A request for consent that is well formed: from here on the caller's address may be redirected to. */
interface Asked {
  readonly registration: App;
  /** Undefined: the tenant is that of the admin who signs in. */
  readonly tenant: Tenant | undefined;
  readonly redirectUri: string;
  readonly scope: string;
}

/** The page on which an admin consents for a whole tenant. */
export class ConsentPage {
  constructor(private readonly world: World) {}

  answer(request: PageRequest): LoginReply {
    try {
      const asked = this.read(request);
      if (request.method !== 'POST') return show(asked);
      return request.form.get('decision') === 'accept'
        ? this.accept(asked, request)
        : redirect(asked, request, declined);
    } catch (error) {
      if (error instanceof SignInError) return html(error.status, refusalPage(error.message));
      throw error;
    }
  }

  private read({ tenant: name, query, isOld }: PageRequest): Asked {
    const tenant = this.world.findTenant(name);
    if (tenant === undefined && !isAnyTenant(name)) throw tenantNotFound(name);
    const clientId = needed(query, 'client_id');
    const registration = registrationOf(this.world, tenant, clientId);
    if (registration === undefined) throw appNotFound(clientId, tenant?.config.displayName ?? name);
    const redirectUri = needed(query, 'redirect_uri');
    const isRegistered = (registration.redirectUris ?? []).some((one) => isSame(one, redirectUri));
    if (!isRegistered) throw redirectMismatch(redirectUri, clientId);
    return { registration, tenant, redirectUri, scope: isOld ? everything : needed(query, 'scope') };
  }

  private accept(asked: Asked, request: PageRequest): LoginReply {
    const userPrincipalName = request.form.get('userPrincipalName') ?? '';
    const tenant = this.world.findTenant(userPrincipalName.split('@')[1] ?? '');
    if (tenant === undefined || (asked.tenant ?? tenant) !== tenant) {
      return show(asked, `${userPrincipalName} is no account of this organization.`, userPrincipalName);
    }
    const { isIn, user, verdict } = this.signIn(asked, tenant, request);
    if (!isIn || user === undefined) {
      const { code, description } = verdict ?? verdicts.unknownUser;
      return show(asked, `AADSTS${code}: ${description}`, userPrincipalName);
    }
    if (!mayConsent(tenant, user, asked.registration)) return redirect(asked, request, notPermitted);
    return redirect(asked, request, grant(this.world, tenant, { ...asked, admin: user }));
  }

  private signIn(asked: Asked, tenant: Tenant, { form, requestId }: PageRequest): SignInOutcome {
    const { clientId, displayName } = asked.registration;
    return signInUser(this.world, new Writer(this.world, tenant, { by: 'portal', requestId }), {
      attempt: {
        userPrincipalName: form.get('userPrincipalName') ?? '',
        password: form.get('password') ?? '',
      },
      target: consentTarget({ id: clientId.toLowerCase(), name: displayName }),
    });
  }
}

function needed(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw missingParameter(name);
  return value;
}

/** To the letter; on the own machine over http any port will do, as Entra has it for local development. */
function isSame(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  if (!URL.canParse(asked)) return false;
  const [a, b] = [new URL(registered), new URL(asked)];
  const isLocal = a.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(a.hostname);
  if (!isLocal || b.username !== '' || b.password !== '') return false;
  a.port = '';
  b.port = '';
  return a.href === b.href;
}

function redirect(asked: Asked, { query, isOld }: PageRequest, answer: ConsentAnswer): LoginReply {
  const target = new URL(asked.redirectUri);
  const { scope, ...rest } = answer;
  const shown: Record<string, string | undefined> = isOld || scope === undefined ? rest : { ...rest, scope };
  for (const [name, value] of Object.entries(shown)) {
    if (value !== undefined) target.searchParams.append(name, value);
  }
  const state = query.get('state');
  if (state !== null) target.searchParams.append('state', state);
  return { status: 302, headers: { Location: target.href, 'Content-Length': '0' } };
}

function show(asked: Asked, problem?: string, userPrincipalName = ''): LoginReply {
  const { registration, tenant } = asked;
  const text: PageText = {
    appName: registration.displayName,
    clientId: registration.clientId,
    organization: tenant?.config.displayName ?? 'your organization',
    permissions: (registration.requiredPermissions ?? []).map((value) => ({
      value,
      name: appRoles().get(value)?.displayName ?? value,
    })),
    redirectHost: new URL(asked.redirectUri).host,
    userPrincipalName,
    ...(problem === undefined ? {} : { problem }),
  };
  return html(200, pageOf(text));
}

const html = (status: number, body: string): LoginReply => ({
  status,
  body,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  },
});
