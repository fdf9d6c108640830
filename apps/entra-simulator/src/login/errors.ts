import type { Json } from '../foundation/json.js';

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

export const noFederatedIdentity = (): SignInError =>
  new SignInError(
    { status: 400, error: 'invalid_request', code: 70021 },
    'No matching federated identity record found for presented assertion.',
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
