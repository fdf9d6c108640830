import type { Secret } from '#core/shared';
import { optional, required, requiredSecret, withDefault, type ReportProblem } from './setting.js';
import { secret, text, url } from './text-schemas.js';

/** A key of a key vault, and by what we sign in to it. */
export interface KeyVaultSettings {
  readonly keyUrl: string;
  readonly authority: string;
  readonly caFile: string | null;
  readonly credential: KeyVaultSignIn;
}

type KeyVaultSignIn =
  | { readonly kind: 'managed'; readonly clientId: string | null }
  | { readonly kind: 'secret'; readonly tenantId: string; readonly clientId: string; readonly secret: Secret }
  | {
      readonly kind: 'certificate';
      readonly tenantId: string;
      readonly clientId: string;
      readonly file: string;
    };

export const keyVaultSettings = {
  vaultKey: optional(
    required(
      {
        name: 'CURFEW_KEY_VAULT_KEY',
        meaning:
          'Key of an Azure Key Vault or managed HSM that wraps the keys, https://<vault>/keys/<name>. Absent: they are not wrapped.',
      },
      url('https'),
    ),
  ),
  vaultTenantId: optional(
    required(
      {
        name: 'CURFEW_KEY_VAULT_TENANT_ID',
        meaning:
          'Tenant in which we sign in to the key vault. Absent: by the managed identity of the machine.',
      },
      text,
    ),
  ),
  vaultClientId: optional(
    required(
      {
        name: 'CURFEW_KEY_VAULT_CLIENT_ID',
        meaning: 'Client id by which we sign in there, or of the managed identity where there are several.',
      },
      text,
    ),
  ),
  vaultCertificateFile: optional(
    required(
      {
        name: 'CURFEW_KEY_VAULT_CERTIFICATE_FILE',
        meaning:
          'PEM file with the certificate and private key by which we sign in there. This or a client secret.',
      },
      text,
    ),
  ),
  vaultClientSecret: optional(
    requiredSecret(
      {
        name: 'CURFEW_KEY_VAULT_CLIENT_SECRET',
        meaning: 'Client secret by which we sign in there. This or a certificate.',
      },
      secret(text),
    ),
  ),
  vaultAuthority: withDefault(
    {
      name: 'CURFEW_KEY_VAULT_AUTHORITY',
      meaning: 'Sign-in host of the cloud in which the key vault is.',
    },
    url('https'),
    'https://login.microsoftonline.com',
  ),
  vaultCaFile: optional(
    required(
      {
        name: 'CURFEW_KEY_VAULT_CA_FILE',
        meaning:
          'PEM file with the certificate authority of vault and sign-in host, where it is no public one.',
      },
      text,
    ),
  ),
};

interface Values {
  readonly vaultKey: string | null;
  readonly vaultTenantId: string | null;
  readonly vaultClientId: string | null;
  readonly vaultCertificateFile: string | null;
  readonly vaultClientSecret: Secret | null;
  readonly vaultAuthority: string;
  readonly vaultCaFile: string | null;
}

/** Null: keys are not wrapped. */
export const keyVaultOf = (values: Values, report: ReportProblem): KeyVaultSettings | null => {
  const { vaultKey: keyUrl, vaultAuthority: authority, vaultCaFile: caFile } = values;
  if (keyUrl === null) return null;
  return { keyUrl, authority, caFile, credential: signInOf(values, report) };
};

const signInOf = (values: Values, report: ReportProblem): KeyVaultSignIn => {
  const { vaultTenantId: tenantId, vaultClientId: clientId } = values;
  const { vaultCertificateFile: file, vaultClientSecret: secret } = values;
  if (tenantId === null && secret === null && file === null) return { kind: 'managed', clientId };
  for (const [name, value] of [
    ['CURFEW_KEY_VAULT_TENANT_ID', tenantId],
    ['CURFEW_KEY_VAULT_CLIENT_ID', clientId],
  ] as const)
    if (value === null) report(name, 'is missing: a secret or certificate needs it');
  return proofOf({ tenantId: tenantId ?? '', clientId: clientId ?? '' }, { file, secret }, report);
};

const proofOf = (
  app: { readonly tenantId: string; readonly clientId: string },
  { file, secret: known }: { readonly file: string | null; readonly secret: Secret | null },
  report: ReportProblem,
): KeyVaultSignIn => {
  if (known !== null && file !== null)
    report('CURFEW_KEY_VAULT_CLIENT_SECRET', 'and CURFEW_KEY_VAULT_CERTIFICATE_FILE are both set: keep one');
  if (file !== null) return { kind: 'certificate', ...app, file };
  if (known !== null) return { kind: 'secret', ...app, secret: known };
  report('CURFEW_KEY_VAULT_CLIENT_SECRET', 'is missing (or CURFEW_KEY_VAULT_CERTIFICATE_FILE)');
  return { kind: 'managed', clientId: app.clientId };
};
