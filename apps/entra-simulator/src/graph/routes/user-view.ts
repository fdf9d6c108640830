import { isoSeconds } from '../../foundation/clock.js';
import { asObject, type Json } from '../../foundation/json.js';
import type { User } from '../../state/model.js';
import type { Listing } from '../list.js';
import { describedRules } from '../query/property-rules.js';
import type { Reader } from '../select.js';

/** What Graph gives without $select: accountEnabled is not among them. */
export const userDefaults: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

const extensionAttributes: Json = Object.fromEntries(
  Array.from({ length: 15 }, (_, i) => [`extensionAttribute${i + 1}`, null]),
);

/** Reads property by property: lists make one for every user that they look through. */
export const userReader =
  (user: User): Reader =>
  (property) => {
    const derive = derived[property];
    return derive === undefined ? user.properties[property] : derive(user);
  };

const derived: Readonly<Record<string, ((user: User) => unknown) | undefined>> = {
  id: (user) => user.id,
  userPrincipalName: (user) => user.userPrincipalName,
  accountEnabled: (user) => user.accountEnabled,
  passwordProfile: () => null,
  userType: (user) => user.properties['userType'] ?? 'Member',
  deletedDateTime: (user) => (user.deletedAt === undefined ? null : isoSeconds(user.deletedAt)),
  onPremisesExtensionAttributes: (user) => ({
    ...extensionAttributes,
    ...asObject(user.properties['onPremisesExtensionAttributes']),
  }),
};

export const userListing: Listing<User> = {
  type: 'user',
  resource: 'User',
  context: 'users',
  defaults: userDefaults,
  rules: describedRules('user'),
  read: userReader,
  searchable: [
    'displayName',
    'mail',
    'mailNickname',
    'userPrincipalName',
    'givenName',
    'surname',
    'mobilePhone',
  ],
  sortable: ['displayName', 'userPrincipalName'],
  sortableAdvanced: ['createdDateTime', 'deletedDateTime'],
};
