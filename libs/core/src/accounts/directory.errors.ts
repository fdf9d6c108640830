import { defineErrors } from '#core/shared';

/** What a technician or admin is told of a tenant that refuses: the reasons of `DirectoryError`, in words. */
export const directoryErrors = defineErrors({
  'directory.consent_missing': {
    kind: 'conflict',
    title: "A permission that Curfew needs is not consented in the customer's tenant.",
    remedy: 'Have an administrator of the customer grant consent again; `missingPermissions` names them.',
  },
  'directory.directory_role_missing': {
    kind: 'conflict',
    title: "Curfew's app lacks the directory role for this in the customer's tenant.",
    remedy: "Assign Privileged Authentication Administrator to Curfew's service principal there.",
  },
  'directory.credential_bad': {
    kind: 'conflict',
    title: "Entra does not accept Curfew's credential for this customer.",
    remedy: 'Check tenant id, client id and credential (the secret value, not its id), and its end date.',
  },
  'directory.invalid': {
    kind: 'conflict',
    title: 'Entra refused the change for its content.',
    remedy: 'Read the message; check roles, groups and domain of the access policy and the connection.',
  },
  'directory.not_manageable': {
    kind: 'conflict',
    title: 'A group of this access policy cannot be managed through Graph (dynamic, mail-enabled or synced).',
    remedy: 'Take that group out of the access policy.',
  },
  'directory.licence_missing': {
    kind: 'conflict',
    title: "The customer's tenant lacks the Entra ID licence for this.",
    remedy: 'Buy it, or use an access policy without time-bound or eligible roles.',
  },
  'directory.forbidden_by_policy': {
    kind: 'conflict',
    title: "The customer's own settings for this role (Privileged Identity Management) forbid it.",
    remedy: 'The message names the rules; shorten the duration, or have the settings changed in Entra.',
  },
  'directory.quota': {
    kind: 'conflict',
    title: "The customer's tenant has reached a quota.",
    remedy: 'Free objects in the tenant, or raise its quota.',
  },
  'directory.gone': {
    kind: 'conflict',
    title: 'Something that this access policy names does not exist in the tenant.',
    remedy: 'Check roles and groups of the access policy.',
  },
  'directory.unavailable': {
    kind: 'unavailable',
    title: 'Entra does not answer, or asks to wait.',
    remedy: 'Try again later.',
  },
  'directory.tenant_mismatch': {
    kind: 'invalid',
    title: 'The credential opens another tenant than the one named.',
    remedy: 'Check the tenant id.',
  },
  'directory.domain_unknown': {
    kind: 'invalid',
    title: "The domain is not one of the tenant's.",
    remedy: 'Choose one of `domains`.',
  },
  'directory.domain_unverified': {
    kind: 'invalid',
    title: 'The domain is not verified in the tenant.',
    remedy: 'Verify it in Entra, or choose one of `domains`.',
  },
  'directory.domain_federated': {
    kind: 'invalid',
    title: 'The domain is federated: Entra would send its users to another identity provider.',
    remedy: 'Choose a managed domain, such as the tenant’s own .onmicrosoft.com.',
  },
  'grant.start_timeout': {
    kind: 'unavailable',
    title: 'The access was not ready within 5 minutes, and what was given has been taken away.',
    remedy: 'Ask again; if it happens again, look at the customer’s Entra connection.',
  },
});
