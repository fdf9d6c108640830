import type { DirectoryError } from '#core/accounts';
import { directoryErrors, signInMend, type TenantInspection } from '#core/accounts';
import type { DomainError, ErrorDetails } from '#core/shared';
import type { TenantCapabilities } from '#core/tenancy';

/** Why a tenant can't be connected as asked for; null: it can. The first reason, in the order in which people mend them. */
export const judgeInspection = (
  inspection: TenantInspection,
  asked: { readonly tenantId: string; readonly domain: string },
): DomainError | null => {
  if (!sameText(inspection.tenantId, asked.tenantId))
    return directoryErrors.refuse('directory.tenant_mismatch');
  const { missingPermissions } = inspection;
  if (missingPermissions.length > 0)
    return directoryErrors.refuse('directory.consent_missing', { missingPermissions });
  return judgeDomain(inspection, asked.domain);
};

const judgeDomain = (inspection: TenantInspection, name: string): DomainError | null => {
  const domains = inspection.domains
    .filter(({ verified, managed }) => verified && managed)
    .map((each) => each.name);
  const domain = inspection.domains.find((each) => sameText(each.name, name));
  if (domain === undefined) return directoryErrors.refuse('directory.domain_unknown', { domains });
  if (!domain.verified) return directoryErrors.refuse('directory.domain_unverified', { domains });
  if (!domain.managed) return directoryErrors.refuse('directory.domain_federated', { domains });
  return null;
};

/** What an admin is told of a failed call. `reason` is Entra's own text and holds no secret. */
export const refusalFacts = ({ message, facts: { code, workload } }: DirectoryError): ErrorDetails => ({
  reason: message,
  entraCode: code,
  ...(workload === 'sign-in' ? { mend: signInMend(code) } : {}),
});

/** A tenant that could not be looked at, in words for the admin. */
export const inspectionRefused = (error: DirectoryError): DomainError => {
  const facts = refusalFacts(error);
  if (error.reason === 'credential_bad') return directoryErrors.refuse('directory.credential_bad', facts);
  if (error.reason === 'consent_missing') return directoryErrors.refuse('directory.consent_missing', facts);
  return directoryErrors.refuse('directory.unavailable', facts);
};

/** What an admin should know of a tenant that was connected all the same. */
export const notesOn = (capabilities: TenantCapabilities): readonly string[] => [
  ...(capabilities.mayTouchRoleHolders
    ? []
    : [
        "Curfew's service principal may not disable holders of directory roles in this tenant. At an end, roles and " +
          'groups are taken away within the 60 seconds; the account itself is disabled as soon as Entra has noticed that, ' +
          "which can take some minutes. Assign Privileged Authentication Administrator to Curfew's service principal to " +
          'have both within the 60 seconds.',
      ]),
  ...(capabilities.pass === null
    ? [
        'Temporary Access Passes are switched off in this tenant, so only access policies with a password can be used here.',
      ]
    : []),
];

const sameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
