import { z } from 'zod';

// The parts of the control API about signing in; strict like the others.

const uri = z.string().min(1).max(2048);

const federatedCredential = z
  .strictObject({
    issuer: uri,
    subject: z.string().min(1).max(600),
    audiences: z.array(z.string().min(1).max(600)).min(1).max(10).optional(),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20) }).optional(),
    publicKeyPem: z.string().max(10_000).optional(),
  })
  .refine(({ jwks, publicKeyPem }) => (jwks === undefined) !== (publicKeyPem === undefined), {
    message: 'A federated credential has either jwks or publicKeyPem',
  });

/** What an app's spec says about consent and federated credentials. */
export const appRegistration = {
  redirectUris: z.array(uri).max(256).optional(),
  requiredPermissions: z.array(z.string()).max(400).optional(),
  multiTenant: z.boolean().optional(),
  /** Entra allows twenty. */
  federatedCredentials: z.array(federatedCredential).max(20).optional(),
};

export const signInSettings = z
  .strictObject({
    lockoutThreshold: z.int().min(1).max(50),
    lockoutSeconds: z.int().min(5).max(86_400),
    mandatoryMfa: z.boolean(),
    securityDefaults: z.boolean(),
    licenceCheckFails: z.number().min(0).max(1),
  })
  .partial();

/** Entra allows 195 policies in a tenant. */
export const conditionalAccess = z
  .array(
    z.strictObject({
      id: z.uuid().optional(),
      displayName: z.string().min(1).max(256),
      state: z.enum(['enabled', 'disabled', 'enabledForReportingButNotEnforced']).optional(),
      conditions: z.record(z.string(), z.unknown()).optional(),
      grantControls: z.record(z.string(), z.unknown()).optional(),
    }),
  )
  .max(195);

export const passTargets = z
  .array(z.strictObject({ targetType: z.enum(['user', 'group']), id: z.string().min(1).max(64) }))
  .max(100);

const methods = ['fido2', 'softwareOath', 'phone', 'microsoftAuthenticator', 'none'] as const;

export const signInSchema = z.strictObject({
  userPrincipalName: z.string(),
  password: z.string().optional(),
  temporaryAccessPass: z.string().optional(),
  method: z.enum(methods).optional(),
  app: z.enum(['portal', 'securityInfo']).optional(),
});

export const consentSchema = z.strictObject({
  clientId: z.string(),
  decision: z.enum(['accept', 'decline']),
  by: z.string().optional(),
});
