import type {
  CatalogueDomain,
  CatalogueGroup,
  CatalogueRole,
  CatalogueUnit,
  GroupWish,
} from '#core/accounts';
import { idOf } from '#core/shared';
import { entraId, text } from '../answer-fields.js';
import { textOf } from '../graph-answer.js';
import { urlPart } from '../url-part.js';
import { isPrivilegedRole } from './privileged-roles.js';
import type { ListQuestion } from './read-list.js';

type Fields = Readonly<Record<string, unknown>>;

/** A list and those application permissions of which any one opens it (Microsoft's permission data and the pages). */
export interface Question<T> extends ListQuestion<T> {
  readonly openedBy: readonly string[];
}

/** Longer than any tenant's list that somebody would choose from by hand. */
const MOST = 25_000;
const LARGEST_PAGE = 999;
/** What a group is judged by. */
export const GROUP_FIELDS = [
  'id',
  'displayName',
  'groupTypes',
  'mailEnabled',
  'onPremisesSyncEnabled',
  'isAssignableToRole',
].join(',');
const READ_ALL = ['Directory.Read.All', 'Directory.ReadWrite.All'];

/** A name may be empty, and then only the id tells what it is. */
const nameOf = (fields: Fields): string => textOf(fields['displayName']) ?? '';

export const groupsLike = ({ search, limit }: GroupWish): Question<CatalogueGroup> => {
  const most = Math.min(MOST, Math.max(1, Math.floor(limit)));
  // No name is longer.
  const words = search?.trim().slice(0, 256) ?? '';
  const page = `$select=${GROUP_FIELDS}&$top=${Math.min(LARGEST_PAGE, most)}`;
  return {
    // Only a search asks the index: the plain list doesn't lag behind it, and needs no count.
    path: `/groups?${page}${words === '' ? '' : `&$count=true&$search=${searchFor(words)}`}`,
    fromIndex: words !== '',
    most,
    read: groupOf,
    keyOf: ({ id }) => id,
    openedBy: [
      'Group.Read.All',
      'Group.ReadWrite.All',
      'Group.ReadBasic.All',
      'GroupMember.Read.All',
      ...READ_ALL,
    ],
  };
};

/** Quotes and backslashes would end the phrase. Source: graph/search-query-parameter. */
const searchFor = (words: string): string =>
  urlPart(`"displayName:${words.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`);

export const groupOf = (fields: Fields): CatalogueGroup => {
  const types: readonly unknown[] = Array.isArray(fields['groupTypes']) ? fields['groupTypes'] : [];
  const dynamic = types.includes('DynamicMembership');
  const synced = fields['onPremisesSyncEnabled'] === true;
  const mailEnabled = fields['mailEnabled'] === true;
  return {
    id: entraId(fields, 'id'),
    displayName: nameOf(fields),
    roleAssignable: fields['isAssignableToRole'] === true,
    dynamic,
    synced,
    mailEnabled,
    // Microsoft 365 groups have mail and are managed through Graph all the same.
    manageable: !dynamic && !synced && (!mailEnabled || types.includes('Unified')),
  };
};

/** Without $top: the page of this list knows no such option. */
export const ROLES: Question<CatalogueRole> = {
  path: '/roleManagement/directory/roleDefinitions?$select=id,templateId,displayName,isBuiltIn,isEnabled',
  most: MOST,
  read: (fields) => (fields['isEnabled'] === false ? null : roleOf(fields)),
  keyOf: ({ id }) => id,
  openedBy: ['RoleManagement.Read.Directory', 'RoleManagement.ReadWrite.Directory', ...READ_ALL],
};

const roleOf = (fields: Fields): CatalogueRole => {
  const id = text(fields, 'id').toLowerCase();
  const templateId = (textOf(fields['templateId']) ?? id).toLowerCase();
  const builtIn = fields['isBuiltIn'] === true;
  return {
    id: idOf(id),
    templateId: idOf(templateId),
    displayName: nameOf(fields),
    builtIn,
    privileged: builtIn ? isPrivilegedRole(templateId) : null,
  };
};

export const UNIT_FIELDS = 'id,displayName,isMemberManagementRestricted';

/** Throws `MalformedAnswer`. */
export const unitOf = (fields: Fields): CatalogueUnit => ({
  id: entraId(fields, 'id'),
  displayName: nameOf(fields),
  restricted: fields['isMemberManagementRestricted'] === true,
});

export const UNITS: Question<CatalogueUnit> = {
  path: `/directory/administrativeUnits?$select=${UNIT_FIELDS}&$top=${LARGEST_PAGE}`,
  most: MOST,
  read: (fields) => unitOf(fields),
  keyOf: ({ id }) => id,
  openedBy: ['AdministrativeUnit.Read.All', 'AdministrativeUnit.ReadWrite.All', ...READ_ALL],
};

export const DOMAINS: Question<CatalogueDomain> = {
  path: '/domains?$select=id,isVerified,authenticationType,isDefault,isInitial',
  most: MOST,
  read: (fields) => ({
    name: text(fields, 'id'),
    verified: fields['isVerified'] === true,
    managed: fields['authenticationType'] === 'Managed',
    isDefault: fields['isDefault'] === true,
    initial: fields['isInitial'] === true,
  }),
  keyOf: ({ name }) => name,
  openedBy: ['Domain.Read.All', 'Domain.ReadWrite.All', 'Directory.Read.All'],
};
