import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
} from '@azure/identity';
import { DirectoryError } from '#core/accounts';
import type { Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { CloudAddress } from './clouds.js';
import { SignInEar, type PipelinePolicy } from './sign-in-ear.js';
import { signInError, unusableCredential } from './sign-in-error.js';
import { deadlineIn, within } from './time-limit.js';
import { urlPart } from './url-part.js';

type Options = NonNullable<ConstructorParameters<typeof ClientSecretCredential>[3]>;

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

/** The token by which a workload proves itself: asked for each time, since it changes by the hour. */
export type AssertionSupplier = (app: EntraApp) => Promise<Secret>;

/** Where a token is asked for, and by what means beside the app's own credential. */
export interface SignInWay extends CloudAddress {
  readonly assertion?: AssertionSupplier | undefined;
  /** Connections that are shared; without it each request has its own. */
  readonly connections?: Agent;
  /** Ends the request; without it a time of its own does. */
  readonly signal?: AbortSignal;
}

/** Sign-in answers within a second or two, or not at all; callers have 10 s for everything. */
export const SIGN_IN_TIMEOUT_MS = 8_000;

/**
 * Asks Entra for a token, once, for a few seconds at most. Throws `DirectoryError`: `credential_bad`, `throttled` or
 * `unanswered`. Each request has a credential object of its own: MSAL would otherwise hand its cached token out again.
 */
export const requestToken = async (app: EntraApp, way: SignInWay, now: () => number): Promise<AppToken> => {
  const { signal = deadlineIn(SIGN_IN_TIMEOUT_MS) } = way;
  const proof = await proofOf(app, way, signal);
  const ear = new SignInEar(way.authorityHost, signal);
  const credential = credentialFor(app, proof, optionsFor(way, ear.policy));
  try {
    // The library waits for more than its requests, so that a request's end need not be its own.
    const token = await within(credential.getToken(`${way.graphHost}/.default`), signal);
    if (token === null) throw new Error('The sign-in service gave no token.');
    // The library reckons with the machine's clock, we with the one that was handed in.
    const lifetimeMs = token.expiresOnTimestamp - Date.now();
    return { value: token.token, ...claimsOf(token.token), obtainedAt: now(), expiresAt: now() + lifetimeMs };
  } catch (error) {
    const { heard } = ear;
    const answer = heard === null ? null : { ...heard, body: withoutSecret(heard.body, proof) };
    const why = error instanceof Error ? error.message : 'The sign-in service gave no answer.';
    throw signInError(answer, withoutSecret(why, proof), now());
  }
};

/** What the app proves itself by. */
const proofOf = async (app: EntraApp, { assertion }: SignInWay, signal: AbortSignal): Promise<string> => {
  if (app.credential.kind !== 'federated') return app.credential.value.expose();
  if (assertion === undefined) throw unusableCredential('this deployment has no workload identity to show.');
  try {
    return (await within(assertion(app), signal)).expose();
  } catch (error) {
    if (error instanceof DirectoryError) throw error;
    throw unusableCredential('the workload identity gave no token to show.');
  }
};

/** Also as it stands in JSON and in a form. */
const withoutSecret = (text: string, proof: string): string => {
  if (proof === '') return text;
  const spellings = [
    proof,
    JSON.stringify(proof).slice(1, -1),
    new URLSearchParams({ '': proof }).toString().slice(1),
  ];
  return [...spellings, urlPart(proof)].reduce(
    (clean, spelling) => clean.replaceAll(spelling, '[redacted]'),
    text,
  );
};

/** Just long enough for metadata and token to share a connection, and short enough that none dies under a request. */
const IDLE_MS = 4_000;

/** Connections to the sign-in service of one cloud. `destroy` when done. */
export const signInConnections = ({ caPem }: CloudAddress): Agent =>
  new Agent({ keepAlive: true, timeout: IDLE_MS, ...(caPem === undefined ? {} : { ca: caPem }) });

const optionsFor = (way: SignInWay, ear: PipelinePolicy): Options => ({
  authorityHost: way.authorityHost,
  // Discovery would ask login.microsoftonline.com about hosts that the deployment has already vouched for.
  disableInstanceDiscovery: true,
  // Waiting is the core's business: no second try, no sleep on a Retry-After, no redirect.
  retryOptions: { maxRetries: 0 },
  redirectOptions: { maxRetries: 0 },
  additionalPolicies: [{ policy: ear, position: 'perRetry' }],
  // An agent of our own, because the pipeline would else follow HTTPS_PROXY, which the transport to Graph doesn't.
  agent: way.connections ?? new Agent(way.caPem === undefined ? {} : { ca: way.caPem }),
});

/** The libraries refuse ids and credentials that can't be right; so does Entra, and both mean the same. */
const credentialFor = (app: EntraApp, proof: string, options: Options): TokenCredential => {
  const { tenantId, clientId, credential } = app;
  if (credential.kind === 'certificate' && !isUsablePem(proof)) {
    throw unusableCredential('the PEM does not hold a certificate and its private key.');
  }
  try {
    switch (credential.kind) {
      case 'secret':
        return new ClientSecretCredential(tenantId, clientId, proof, options);
      case 'certificate':
        return new ClientCertificateCredential(tenantId, clientId, { certificate: proof }, options);
      case 'federated':
        return new ClientAssertionCredential(tenantId, clientId, () => Promise.resolve(proof), options);
    }
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
