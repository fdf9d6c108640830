import { createPublicKey } from 'node:crypto';
import { appRoles } from '../access/permissions.js';
import { uuidFrom } from '../foundation/ids.js';
import { asList, asObject, type Json } from '../foundation/json.js';
import { builtInStrengths } from '../login/strengths.js';
import {
  usualSignIn,
  type AccessPolicy,
  type AppRegistration,
  type FederatedCredential,
} from '../state/model-sign-in.js';
import type { Writer } from '../state/writer.js';
import type { AppSpec, ConditionalAccessSpec, FederatedCredentialSpec, SignInSettings } from './contract.js';
import { ControlError } from './control-error.js';

const exchangeAudience = 'api://AzureADTokenExchange';

/** What the spec of an app names about consent and federated credentials. */
export function registrationIn(spec: AppSpec): AppRegistration {
  const { redirectUris, requiredPermissions, multiTenant, federatedCredentials } = spec;
  for (const permission of requiredPermissions ?? []) {
    if (!appRoles().has(permission)) throw new ControlError(400, `Graph has no permission '${permission}'`);
  }
  for (const uri of redirectUris ?? []) checkRedirect(uri);
  return {
    ...(redirectUris === undefined ? {} : { redirectUris }),
    ...(requiredPermissions === undefined ? {} : { requiredPermissions }),
    ...(multiTenant === undefined ? {} : { multiTenant }),
    ...(federatedCredentials === undefined
      ? {}
      : { federatedCredentials: federatedCredentials.map(credentialOf) }),
  };
}

/** Entra refuses fragments, and http beyond the own machine. */
function checkRedirect(uri: string): void {
  if (!URL.canParse(uri)) throw new ControlError(400, `'${uri}' is no redirect URI`);
  const { protocol, hostname, hash } = new URL(uri);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (hash !== '' || (protocol !== 'https:' && !(protocol === 'http:' && isLocal))) {
    throw new ControlError(
      400,
      `'${uri}' is no redirect URI that Entra takes: https, or http on this machine`,
    );
  }
}

function credentialOf(spec: FederatedCredentialSpec): FederatedCredential {
  const { issuer, subject, audiences = [exchangeAudience], jwks, publicKeyPem } = spec;
  if (publicKeyPem !== undefined) checkKey(publicKeyPem);
  const keys = asList(jwks?.keys).map(asObject);
  if (keys.some((key) => 'd' in key || 'k' in key))
    throw new ControlError(400, 'A federated credential has public keys only');
  return { issuer, subject, audiences, keys, publicKeyPem: publicKeyPem ?? null };
}

function checkKey(pem: string): void {
  try {
    createPublicKey(pem);
  } catch {
    throw new ControlError(400, 'publicKeyPem is no public key in PEM');
  }
}

export const signInOf = (
  before: SignInSettings = usualSignIn,
  changes: Partial<SignInSettings> = {},
): SignInSettings => ({ ...before, ...changes });

function checkStrength(grant: Json): void {
  const { id } = asObject(grant['authenticationStrength']);
  if (id === undefined || builtInStrengths.some((strength) => strength.id === id)) return;
  throw new ControlError(400, 'A policy names an authentication strength that does not exist');
}

/** Puts the tenant's Conditional Access policies in place of those that are there. */
export function putAccessPolicies(writer: Writer, specs: readonly ConditionalAccessSpec[]): void {
  for (const { id } of [...writer.tenant.accessPolicies.truths()])
    writer.put('accessPolicies', id, undefined);
  for (const { id, state = 'enabled', ...body } of specs) {
    checkStrength(asObject(body.grantControls));
    const key = id ?? uuidFrom(`policy ${writer.tenant.id} ${body.displayName}`);
    const policy: AccessPolicy = {
      id: key,
      body: { ...body, state },
      createdAt: writer.at,
      modifiedAt: null,
    };
    writer.put('accessPolicies', key, policy);
  }
}
