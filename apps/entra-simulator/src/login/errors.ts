import type { JWTPayload } from 'jose';
import type { Json } from '../foundation/json.js';
import type { Verdict } from './verdicts.js';

/** A refusal of the token endpoint. */
export class SignInError extends Error {
  readonly status: number;
  readonly error: string;
  readonly code: number;

  constructor({ status, error, code }: { status: number; error: string; code: number }, text: string) {
    super(`AADSTS${code}: ${text}`);
    this.status = status;
    this.error = error;
    this.code = code;
  }
}

export interface TokenTrace {
  now: number;
  traceId: string;
  correlationId: string;
}

export function signInErrorBody(error: SignInError, { now, traceId, correlationId }: TokenTrace): Json {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: error.error,
    error_description: `${error.message}\r\nTrace ID: ${traceId}\r\nCorrelation ID: ${correlationId}\r\nTimestamp: ${timestamp}`,
    error_codes: [error.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${error.code}`,
  };
}

export const tenantNotFound = (tenant: string): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_request', code: 90002 },
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  );

export const appNotFound = (clientId: string, tenantName: string): SignInError =>
  new SignInError(
    { status: 400, error: 'unauthorized_client', code: 700016 },
    `Application with identifier '${clientId}' was not found in the directory '${tenantName}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  );

export const appDisabled = (clientId: string): SignInError =>
  new SignInError(
    { status: 400, error: 'unauthorized_client', code: 7000112 },
    `Application '${clientId}' is disabled.`,
  );

export const wrongSecret = (clientId: string): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 7000215 },
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
  );

export const expiredSecret = (clientId: string): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 7000222 },
    `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app, or consider using certificate credentials for added security.`,
  );

export const noCredential = (): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 7000218 },
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );

export const badAssertion = (reason: string): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 700027 },
    `Client assertion failed signature validation. Reason - ${reason}`,
  );

export const assertionForAnother = (): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 700023 },
    'Client assertion audience claim does not match Realm issuer.',
  );

export const assertionForAnotherApp = (): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 700021 },
    "Client assertion application identifier doesn't match 'client_id' parameter.",
  );

export const outOfTime = (now: number, { nbf, exp }: JWTPayload): SignInError => {
  const text = (seconds: number | undefined): string =>
    seconds === undefined ? 'unknown' : new Date(seconds * 1000).toISOString();
  return new SignInError(
    { status: 401, error: 'invalid_client', code: 700024 },
    `Client assertion is not within its valid time range. Current time: ${new Date(now).toISOString()}, assertion valid from ${text(nbf)}, expiry time of assertion ${text(exp)}.`,
  );
};

export const badFederatedAssertion = (reason: string): SignInError =>
  new SignInError(
    { status: 401, error: 'invalid_client', code: 50013 },
    `Assertion failed signature validation. [Reason - ${reason}]`,
  );

const federatedCodes = { any: 70021, issuer: 700211, audience: 700212, subject: 700213 };

/** Entra tells which part of the assertion no registered credential has. */
export function noFederatedIdentity(what: keyof typeof federatedCodes, claims: JWTPayload): SignInError {
  const code = federatedCodes[what];
  if (what === 'any') {
    return new SignInError(
      { status: 400, error: 'invalid_request', code },
      `No matching federated identity record found for presented assertion. Assertion Issuer: '${claims.iss ?? ''}'. Assertion Subject: '${claims.sub ?? ''}'. Assertion Audience: '${[claims.aud ?? []].flat().join(' ')}'.`,
    );
  }
  const presented = {
    issuer: claims.iss,
    audience: [claims.aud ?? []].flat().join(' '),
    subject: claims.sub,
  };
  return new SignInError(
    { status: 401, error: 'invalid_client', code },
    `No matching federated identity record found for presented assertion ${what} '${presented[what] ?? ''}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`,
  );
}

/** A refusal of a user's sign-in at the token endpoint. */
export const userRefused = (verdict: Verdict): SignInError =>
  new SignInError({ status: 400, error: 'invalid_grant', code: verdict.code }, verdict.description);

export const missingParameter = (name: string): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_request', code: 900144 },
    `The request body must contain the following parameter: '${name}'.`,
  );

export const grantRevoked = (): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_grant', code: 50173 },
    'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
  );

export const grantExpired = (): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_grant', code: 700082 },
    'The refresh token has expired due to inactivity or at the end of its lifetime.',
  );

export const grantUnknown = (): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_grant', code: 9002313 },
    'Invalid request. Request is malformed or invalid.',
  );

export const redirectMismatch = (redirectUri: string, clientId: string): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_request', code: 50011 },
    `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this error.`,
  );

export const badScope = (scope: string): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_scope', code: 70011 },
    `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
  );

export const unknownResource = (resource: string): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_resource', code: 500011 },
    `The resource principal named ${resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  );

export const unsupportedGrant = (grant: string): SignInError =>
  new SignInError(
    { status: 400, error: 'unsupported_grant_type', code: 70003 },
    `The app requested an unsupported grant type '${grant}'.`,
  );
