/**
 * What bodies must and must not hold beyond Microsoft's OpenAPI, as data. Sources: `OA` the descriptions of that
 * OpenAPI, `D` a page of Microsoft's documents, `?` no document: chosen for the simulator.
 */
export type Source = 'OA' | 'D' | '?';

export interface BodyRules {
  /** As Graph names the resource in errors. */
  readonly resource: string;
  /** What a POST must name. */
  readonly required?: readonly (readonly [property: string, source: Source])[];
  /** The most characters of a text; a path reaches into a complex property. */
  readonly longest?: readonly (readonly [property: string, characters: number, source: Source])[];
  readonly forms?: readonly (readonly [property: string, form: RegExp, source: Source])[];
  /** Null and empty text are refused. */
  readonly neverEmpty?: readonly (readonly [property: string, source: Source])[];
  readonly readOnly?: readonly (readonly [property: string, source: Source])[];
}

const from = (source: Source, ...properties: string[]) =>
  properties.map((property): readonly [string, Source] => [property, source]);

const extensionAttributes = Array.from(
  { length: 15 },
  (_, i) => [`onPremisesExtensionAttributes/extensionAttribute${i + 1}`, 1024, 'D'] as const,
);

const user: BodyRules = {
  resource: 'User',
  required: from(
    'D',
    'accountEnabled',
    'displayName',
    'mailNickname',
    'passwordProfile',
    'userPrincipalName',
  ),
  longest: [
    ['city', 128, 'OA'],
    ['companyName', 64, 'OA'],
    ['country', 128, 'OA'],
    ['department', 64, 'OA'],
    ['displayName', 256, 'OA'],
    ['employeeId', 16, 'OA'],
    ['givenName', 64, 'OA'],
    ['jobTitle', 128, 'OA'],
    ['mailNickname', 64, 'OA'],
    ['mobilePhone', 64, 'OA'],
    ['postalCode', 40, 'OA'],
    ['state', 128, 'OA'],
    ['streetAddress', 1024, 'OA'],
    ['surname', 64, 'OA'],
    ...extensionAttributes,
  ],
  forms: [['usageLocation', /^[A-Za-z]{2}$/, 'OA']],
  neverEmpty: [
    ...from('OA', 'displayName'),
    ...from('?', 'accountEnabled', 'mailNickname', 'passwordProfile', 'userPrincipalName'),
  ],
  readOnly: [
    ...from(
      'OA',
      'assignedLicenses',
      'assignedPlans',
      'createdDateTime',
      'creationType',
      'imAddresses',
      'lastPasswordChangeDateTime',
      'legalAgeGroupClassification',
      'licenseAssignmentStates',
      'onPremisesDistinguishedName',
      'onPremisesDomainName',
      'onPremisesLastSyncDateTime',
      'onPremisesSamAccountName',
      'onPremisesSecurityIdentifier',
      'onPremisesSyncEnabled',
      'onPremisesUserPrincipalName',
      'provisionedPlans',
      'proxyAddresses',
      'securityIdentifier',
      'signInSessionsValidFromDateTime',
    ),
    ...from('D', 'deletedDateTime', 'id', 'isManagementRestricted', 'signInActivity'),
  ],
};

const group: BodyRules = {
  resource: 'Group',
  required: from('D', 'displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'),
  longest: [
    ['displayName', 256, 'OA'],
    ['mailNickname', 64, 'OA'],
  ],
  // All of ASCII but @ ( ) / [ ] ' ; : < > , and the space.
  forms: [['mailNickname', /^(?:(?![@()/[\]';:<>,\\"])[!-~])*$/, 'OA']],
  neverEmpty: from('OA', 'displayName'),
  readOnly: [
    ...from(
      'OA',
      'assignedLicenses',
      'createdDateTime',
      'expirationDateTime',
      'mail',
      'onPremisesDomainName',
      'onPremisesLastSyncDateTime',
      'onPremisesNetBiosName',
      'onPremisesSamAccountName',
      'onPremisesSecurityIdentifier',
      'onPremisesSyncEnabled',
      'proxyAddresses',
      'renewedDateTime',
      'securityIdentifier',
    ),
    ...from('D', 'deletedDateTime', 'hasMembersWithLicenseErrors', 'id', 'licenseProcessingState'),
  ],
};

const unit: BodyRules = {
  resource: 'AdministrativeUnit',
  required: from('D', 'displayName'),
  longest: [['displayName', 256, '?']],
  readOnly: from('D', 'deletedDateTime', 'id'),
};

const invitation: BodyRules = {
  resource: 'Invitation',
  required: from('OA', 'inviteRedirectUrl', 'invitedUserEmailAddress'),
};

/** By method and path of the route. */
export const bodyRules: Readonly<Record<string, BodyRules | undefined>> = {
  'POST /users': user,
  'PATCH /users/{user-id}': user,
  'POST /groups': group,
  'PATCH /groups/{group-id}': group,
  'POST /directory/administrativeUnits': unit,
  'PATCH /directory/administrativeUnits/{administrativeUnit-id}': unit,
  'POST /invitations': invitation,
};
