import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { ClientCertificateCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity';
import type { EntraApp } from '#core/tenancy';
import type { CloudAddress } from './clouds.js';
import { signInError, unusableCredential, type SignInAnswer } from './sign-in-error.js';

type Options = NonNullable<ConstructorParameters<typeof ClientSecretCredential>[3]>;
type Policy = NonNullable<Options['additionalPolicies']>[number]['policy'];

/** An app's permission to call Graph for about an hour. */
export interface AppToken {
  readonly value: string;
  /** Application permissions consented to when it was issued. */
  readonly roles: ReadonlySet<string>;
  /** Object id of our service principal in the tenant. */
  readonly servicePrincipalId: string | null;
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/** Sign-in answers within a second or two, or not at all; callers have 10 s for everything. */
const SIGN_IN_TIMEOUT_MS = 8_000;

/**
 * Asks Entra for a token, once. Throws `DirectoryError`: `credential_bad`, `throttled` or `unanswered`.
 * Each request has a credential object of its own: MSAL would otherwise hand its cached token out again.
 */
export const requestToken = async (
  app: EntraApp,
  cloud: CloudAddress,
  now: () => number,
): Promise<AppToken> => {
  const ear = new Ear(cloud.authorityHost);
  const credential = credentialFor(app, optionsFor(cloud, ear));
  const scope = `${cloud.graphHost}/.default`;
  try {
    const token = await credential.getToken(scope);
    if (token === null) throw new Error('The sign-in service gave no token.');
    // The library reckons with the machine's clock, we with the one that was handed in.
    const lifetimeMs = token.expiresOnTimestamp - Date.now();
    return { value: token.token, ...claimsOf(token.token), obtainedAt: now(), expiresAt: now() + lifetimeMs };
  } catch (error) {
    throw signInError(ear.heard, withoutSecret(error, app), now());
  }
};

const withoutSecret = (error: unknown, app: EntraApp): string => {
  const text = error instanceof Error ? error.message : 'The sign-in service gave no answer.';
  const secret = app.credential.value.expose();
  return secret === '' ? text : text.replaceAll(secret, '[redacted]');
};

/** Listens to the pipeline, because the library's own errors lose status, code and Retry-After on their way up. */
class Ear {
  heard: SignInAnswer | null = null;
  readonly policy: Policy;

  constructor(authorityHost: string) {
    this.policy = {
      name: 'ear',
      sendRequest: async (request, next) => {
        // Entra's own metadata names the token endpoint; a credential goes to the configured host and nowhere else.
        if (new URL(request.url).origin !== authorityHost)
          throw new Error('Sign-in was led to another host.');
        this.heard = null;
        // The pipeline's own timeout leaves a timer behind that keeps a process from ending.
        request.abortSignal = AbortSignal.timeout(SIGN_IN_TIMEOUT_MS);
        const response = await next(request);
        const retryAfter = response.headers.get('retry-after');
        this.heard = { status: response.status, body: response.bodyAsText ?? '', retryAfter };
        return response;
      },
    };
  }
}

const optionsFor = (cloud: CloudAddress, ear: Ear): Options => ({
  authorityHost: cloud.authorityHost,
  // Discovery would ask login.microsoftonline.com about hosts that the deployment has already vouched for.
  disableInstanceDiscovery: true,
  // Waiting is the core's business: no second try, no sleep on a Retry-After, no redirect.
  retryOptions: { maxRetries: 0 },
  redirectOptions: { maxRetries: 0 },
  additionalPolicies: [{ policy: ear.policy, position: 'perRetry' }],
  // An agent of our own, because the pipeline would else follow HTTPS_PROXY, which the transport to Graph doesn't.
  agent: new Agent(cloud.caPem === undefined ? {} : { ca: cloud.caPem }),
});

/** The libraries refuse ids and credentials that can't be right; so does Entra, and both mean the same. */
const credentialFor = (app: EntraApp, options: Options): TokenCredential => {
  const { tenantId, clientId, credential } = app;
  const value = credential.value.expose();
  if (credential.kind === 'certificate' && !isUsablePem(value)) {
    throw unusableCredential('the PEM does not hold a certificate and its private key.');
  }
  try {
    return credential.kind === 'secret'
      ? new ClientSecretCredential(tenantId, clientId, value, options)
      : new ClientCertificateCredential(tenantId, clientId, { certificate: value }, options);
  } catch {
    throw unusableCredential('tenant id, client id or secret is empty or malformed.');
  }
};

const isUsablePem = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem));
  } catch {
    return false;
  }
};

/** Graph checks the token; we only read in it what Entra put there. */
const claimsOf = (token: string): Pick<AppToken, 'roles' | 'servicePrincipalId'> => {
  const claims = payloadOf(token);
  const roles = Array.isArray(claims['roles'])
    ? claims['roles'].filter((role) => typeof role === 'string')
    : [];
  const oid = claims['oid'];
  return { roles: new Set(roles), servicePrincipalId: typeof oid === 'string' ? oid : null };
};

const payloadOf = (token: string): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >;
  } catch {
    return {};
  }
};
