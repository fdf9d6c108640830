import type { CatalogueDomain, CatalogueGroup, CatalogueRole, CatalogueUnit } from '#core/accounts';
import type { TenantCapabilities } from '#core/tenancy';

const told = {
  unverified: 'The domain is not verified in the tenant: no account can be made on it. Verify it in Entra.',
  federated:
    'The domain is federated: Entra sends its users to another identity provider, where a pass or password of Curfew is worth ' +
    'nothing. Choose a managed domain.',
  initial:
    "The tenant's own domain: accounts on it work also while another domain's name servers or identity provider do not.",
  dynamic:
    "A rule of the tenant decides who is in this group: Curfew can't put anybody into it, so it can't be given.",
  synced:
    "This group comes from an on-premises directory and can be changed only there, so it can't be given.",
  mail_only:
    "This group is for mail (a distribution list, or a mail-enabled security group): Graph lets nobody put into it, so it can't " +
    'be given.',
  microsoft_365:
    'This is a Microsoft 365 group: it brings its mail and files, and Teams may show a new member only hours later.',
  role_assignable:
    'Directory roles may be assigned to this group, so Entra counts its members as admins: giving it may give more than its name ' +
    'says, and taking back needs Privileged Authentication Administrator',
  privileged:
    'Microsoft marks this role as privileged: who holds it can give himself or others more, and Curfew takes back only what it ' +
    'gave itself. Give it to few and for a short time. Taking back needs Privileged Authentication Administrator',
  privileged_unknown:
    "Nobody says whether this role is privileged (it is one of the tenant's own, or a new one): take it for privileged. Taking " +
    'back may need Privileged Authentication Administrator',
  restricted:
    'Only who holds a role at this unit may change its members: permissions of apps do not apply. An account of Curfew that ' +
    "somebody puts into it can't be disabled unless Curfew's service principal holds such a role too.",
} as const;

export type CatalogueNoteCode = keyof typeof told;

/** What follows when somebody chooses this, for people and for programs. */
export interface CatalogueNote {
  readonly code: CatalogueNoteCode;
  readonly message: string;
}

const note = (code: CatalogueNoteCode, more = ''): CatalogueNote => ({
  code,
  message: `${told[code]}${more}`,
});

const when = (holds: boolean, code: CatalogueNoteCode, more?: string): readonly CatalogueNote[] =>
  holds ? [note(code, more)] : [];

/** How the sentence about taking back ends in this tenant. */
const takingBack = ({ mayTouchRoleHolders }: TenantCapabilities): string =>
  mayTouchRoleHolders
    ? ", which Curfew's service principal holds here (or a role above it)."
    : ", which Curfew's service principal lacks here: at an end it is taken away first, and the account is disabled only when " +
      'Entra has noticed that, which can take some minutes. Assign that role to it.';

/** Accounts can be made on it. */
export const isUsableDomain = ({ verified, managed }: CatalogueDomain): boolean => verified && managed;

export const notesOnDomain = ({ verified, managed, initial }: CatalogueDomain): readonly CatalogueNote[] => [
  ...when(!verified, 'unverified'),
  ...when(!managed, 'federated'),
  ...when(initial, 'initial'),
];

export const notesOnGroup = (
  { dynamic, synced, mailEnabled, manageable, roleAssignable }: CatalogueGroup,
  capabilities: TenantCapabilities,
): readonly CatalogueNote[] => [
  ...when(dynamic, 'dynamic'),
  ...when(synced, 'synced'),
  // Whatever else stands in the way, that is said; what is left is mail.
  ...when(!manageable && !dynamic && !synced, 'mail_only'),
  ...when(manageable && mailEnabled, 'microsoft_365'),
  ...when(roleAssignable, 'role_assignable', takingBack(capabilities)),
];

export const notesOnRole = (
  { privileged }: CatalogueRole,
  capabilities: TenantCapabilities,
): readonly CatalogueNote[] => [
  ...when(privileged === true, 'privileged', takingBack(capabilities)),
  ...when(privileged === null, 'privileged_unknown', takingBack(capabilities)),
];

export const notesOnUnit = ({ restricted }: CatalogueUnit): readonly CatalogueNote[] =>
  when(restricted, 'restricted');
