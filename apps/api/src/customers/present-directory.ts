import type { DirectoryDomainOut, DirectoryGroupOut, DirectoryRoleOut, DirectoryUnitOut } from '#contracts';
import {
  isUsableDomain,
  notesOnDomain,
  notesOnGroup,
  notesOnRole,
  notesOnUnit,
  type CatalogueNote,
  type CatalogueNoteCode,
  type CataloguePart,
} from '#core/access';
import type { CatalogueDomain, CatalogueGroup, CatalogueRole, CatalogueUnit } from '#core/accounts';
import type { TenantCapabilities } from '#core/tenancy';
import { iso } from '../wire.js';
import { cursorOf } from './catalogue-cursor.js';

type NoteOut = DirectoryGroupOut['notes'][number];

const codes = {
  unverified: 'unverified',
  federated: 'federated',
  initial: 'initial',
  dynamic: 'dynamic',
  synced: 'synced',
  mail_only: 'mail_only',
  microsoft_365: 'microsoft_365',
  role_assignable: 'role_assignable',
  privileged: 'privileged',
  privileged_unknown: 'privileged_unknown',
  restricted: 'restricted',
} as const satisfies Record<CatalogueNoteCode, NoteOut['code']>;

/** No name of Entra's is longer. */
const LONGEST_NAME = 256;

/** One page of a list of the tenant, and how much of the list there is. */
export const presentPart = <Item, Out>(
  { items, next, total, gap, askedAt, capabilities }: CataloguePart<Item>,
  present: (item: Item, capabilities: TenantCapabilities) => Out,
) => ({
  items: items.map((item) => present(item, capabilities)),
  nextCursor: next === null ? null : cursorOf(next),
  total,
  complete: gap === null,
  why: gap === null ? null : { ...gap },
  readAt: iso(askedAt),
});

export const presentDomain = (domain: CatalogueDomain): DirectoryDomainOut => ({
  name: domain.name,
  verified: domain.verified,
  managed: domain.managed,
  isDefault: domain.isDefault,
  initial: domain.initial,
  usable: isUsableDomain(domain),
  notes: presentNotes(notesOnDomain(domain)),
});

export const presentDirectoryGroup = (
  group: CatalogueGroup,
  capabilities: TenantCapabilities,
): DirectoryGroupOut => ({
  id: group.id,
  displayName: group.displayName.slice(0, LONGEST_NAME),
  dynamic: group.dynamic,
  synced: group.synced,
  mailEnabled: group.mailEnabled,
  roleAssignable: group.roleAssignable,
  manageable: group.manageable,
  notes: presentNotes(notesOnGroup(group, capabilities)),
});

export const presentDirectoryRole = (
  role: CatalogueRole,
  capabilities: TenantCapabilities,
): DirectoryRoleOut => ({
  id: role.id,
  templateId: role.templateId,
  displayName: role.displayName.slice(0, LONGEST_NAME),
  builtIn: role.builtIn,
  privileged: role.privileged,
  notes: presentNotes(notesOnRole(role, capabilities)),
});

export const presentUnit = (unit: CatalogueUnit): DirectoryUnitOut => ({
  id: unit.id,
  displayName: unit.displayName.slice(0, LONGEST_NAME),
  restricted: unit.restricted,
  notes: presentNotes(notesOnUnit(unit)),
});

const presentNotes = (notes: readonly CatalogueNote[]): NoteOut[] =>
  notes.map(({ code, message }) => ({ code: codes[code], message }));
