import type { DomainError } from '#core/shared';
import type { ConsentProblem } from '#core/tenancy';
import { consentingErrors } from './consenting.errors.js';

/** What a redirect carries. Anybody can write one: none of it is proof, and none of its texts is kept or shown. */
export interface RedirectSays {
  readonly tenant: string | undefined;
  readonly adminConsent: string | undefined;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
}

export type ConsentAnswer =
  | { readonly said: 'yes'; readonly tenantId: string }
  | { readonly said: 'no'; readonly problem: ConsentProblem };

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const ENTRA_CODE = /^AADSTS(\d{3,9})\b/;
const BY_CODE: Readonly<Record<string, Parameters<typeof consentingErrors.refuse>[0]>> = {
  AADSTS65004: 'consent.declined',
  AADSTS90094: 'consent.not_permitted',
  AADSTS90093: 'consent.not_permitted',
  AADSTS65001: 'consent.required',
};
const BY_ERROR: Readonly<Record<string, Parameters<typeof consentingErrors.refuse>[0]>> = {
  access_denied: 'consent.declined',
  permission_denied: 'consent.not_permitted',
  consent_required: 'consent.required',
};

/** What the redirect says. An error goes before a yes; a yes without a tenant is none. */
export const consentAnswerIn = (says: RedirectSays): ConsentAnswer => {
  const refusal = refusalIn(says);
  if (refusal !== null) return { said: 'no', problem: refusal };
  const tenantId = says.tenant?.toLowerCase() ?? '';
  return says.adminConsent?.toLowerCase() === 'true' && UUID.test(tenantId)
    ? { said: 'yes', tenantId }
    : { said: 'no', problem: problemOf(consentingErrors.refuse('consent.unreadable')) };
};

const refusalIn = ({ error, errorDescription }: RedirectSays): ConsentProblem | null => {
  if (error === undefined && errorDescription === undefined) return null;
  const [entraCode = null] = ENTRA_CODE.exec(errorDescription ?? '') ?? [];
  const code = BY_CODE[entraCode ?? ''] ?? BY_ERROR[error ?? ''] ?? 'consent.refused';
  return { ...problemOf(consentingErrors.refuse(code)), entraCode };
};

/** A refusal as it is kept with a consent. */
export const problemOf = ({ code, message, remedy, details }: DomainError): ConsentProblem => {
  const { mend, entraCode, missingPermissions } = details;
  return {
    code,
    says: message,
    mend: typeof mend === 'string' ? mend : remedy,
    entraCode: typeof entraCode === 'string' ? entraCode : null,
    missingPermissions: Array.isArray(missingPermissions) ? [...(missingPermissions as string[])] : [],
  };
};

/** Just after a consent Entra's servers don't all know the app yet: not found, not usable, its resource not found. */
const LAG: readonly (string | null)[] = ['AADSTS700016', 'AADSTS7000112', 'AADSTS500011'];

/** Whether time alone may mend what kept a consent from being proven. */
export const mayHealByItself = (error: DomainError): boolean => {
  switch (error.code) {
    case 'directory.unavailable':
    case 'directory.consent_missing':
    case 'entra_connection.changed_meanwhile':
      return true;
    case 'directory.credential_bad':
      return LAG.includes(problemOf(error).entraCode);
    default:
      return false;
  }
};
