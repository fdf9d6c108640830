import { asObject, type Json } from '../../foundation/json.js';
import type { User } from '../../state/model.js';
import type { FilterRules } from '../filter.js';
import type { Listing } from '../list.js';
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

const rules: FilterRules = {
  id: { basic: ['eq', 'in'] },
  userPrincipalName: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne', 'endsWith'] },
  displayName: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne'] },
  mail: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne', 'endsWith'] },
  mailNickname: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne'] },
  employeeId: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne'] },
  employeeType: { basic: ['eq', 'in', 'startsWith'], advanced: ['ne'] },
  accountEnabled: { basic: ['eq', 'in'], advanced: ['ne'] },
  userType: { basic: ['eq', 'in'], advanced: ['ne'] },
  ...Object.fromEntries(
    Array.from({ length: 15 }, (_, i) => [
      `onPremisesExtensionAttributes/extensionAttribute${i + 1}`,
      { basic: [], advanced: ['eq', 'ne', 'in', 'startsWith'] as const },
    ]),
  ),
};

const extensionAttributes: Json = Object.fromEntries(
  Array.from({ length: 15 }, (_, i) => [`extensionAttribute${i + 1}`, null]),
);

export function userReader(user: User): Reader {
  const derived = asDerived(user);
  return (property) =>
    property in derived ? derived[property as keyof typeof derived] : user.properties[property];
}

const asDerived = (user: User) => ({
  id: user.id,
  userPrincipalName: user.userPrincipalName,
  accountEnabled: user.accountEnabled,
  passwordProfile: null,
  userType: user.properties['userType'] ?? 'Member',
  deletedDateTime:
    user.deletedAt === undefined ? null : `${new Date(user.deletedAt).toISOString().slice(0, 19)}Z`,
  onPremisesExtensionAttributes: {
    ...extensionAttributes,
    ...asObject(user.properties['onPremisesExtensionAttributes']),
  },
});

export const userListing: Listing<User> = {
  type: 'user',
  resource: 'User',
  context: 'users',
  defaults: userDefaults,
  rules,
  read: userReader,
  searchable: ['displayName', 'userPrincipalName', 'mail'],
};
