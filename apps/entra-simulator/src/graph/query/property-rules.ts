import { typeProperties } from '../../validation/type-properties.js';

export type FilterOperator =
  'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'in' | 'startsWith' | 'endsWith' | 'contains';

export interface PropertyRule {
  readonly basic: readonly FilterOperator[];
  /** Need ConsistencyLevel and $count. */
  readonly advanced?: readonly FilterOperator[];
  /** `eq null`; by default as `eq`. */
  readonly nulls?: 'advanced' | 'never';
  /** `/$count eq 0`, which is always advanced. */
  readonly counts?: boolean;
}

/** Which operators a property can be filtered by; a property that is not named cannot be filtered by at all. */
export type FilterRules = Readonly<Record<string, PropertyRule>>;

// Where the next tables come from: [D] Microsoft's pages "Advanced query capabilities" and "Filter directory objects",
// [?] no document places the operator, taken as advanced because the page has no mark that it works by default.

/** [D] Only with the advanced parameters, whatever the operator. */
const advancedOnly = new Set([
  'companyName',
  'employeeHireDate',
  'employeeType',
  'mobilePhone',
  'officeLocation',
  'onPremisesImmutableId',
  'onPremisesLastSyncDateTime',
  'onPremisesSamAccountName',
  'passwordPolicies',
  'postalCode',
  'preferredLanguage',
  'streetAddress',
  // [?]
  'classification',
  'description',
  'employeeLeaveDateTime',
  'expirationDateTime',
  'faxNumber',
  'membershipRule',
  'membershipRuleProcessingState',
  'renewedDateTime',
]);

/** [D] `ge` and `le` work by default here; elsewhere they are advanced. */
const orderedByDefault = new Set([
  'city',
  'country',
  'createdDateTime',
  'deletedDateTime',
  'department',
  'givenName',
  'imAddresses',
  'jobTitle',
  'mail',
  'mailNickname',
  'onPremisesUserPrincipalName',
  'otherMails',
  'proxyAddresses',
  'state',
  'surname',
  'usageLocation',
]);

/** [D] `in` works by default wherever `eq` does, but for these. */
const inIsAdvanced = new Set(['createdDateTime', 'deletedDateTime']);

const alwaysAdvanced = new Set<FilterOperator>(['ne', 'endsWith']);

/** [D] Filterable, though the descriptions of Microsoft's OpenAPI do not say so. */
const undescribed: FilterRules = {
  id: { basic: ['eq', 'in'], advanced: ['ne'], nulls: 'never' },
  deletedDateTime: { basic: ['eq', 'ge', 'le'], advanced: ['ne', 'in'], nulls: 'never' },
};

const extensionAttributes: FilterRules = Object.fromEntries(
  Array.from({ length: 15 }, (_, i) => [
    `onPremisesExtensionAttributes/extensionAttribute${i + 1}`,
    { basic: [], advanced: ['eq', 'ne', 'in', 'startsWith'], nulls: 'advanced' } as const,
  ]),
);

const known = new Map<string, FilterRules>();

/** The rules of a directory object, read from what Microsoft's descriptions say it supports. */
export function describedRules(type: 'user' | 'group' | 'administrativeUnit'): FilterRules {
  const found = known.get(type);
  if (found !== undefined) return found;
  const rules: Record<string, PropertyRule> = { ...undescribed };
  for (const [name, description] of typeProperties(type).descriptions) {
    const rule = ruleIn(name, description);
    if (rule !== undefined) rules[name] = rule;
  }
  if (type === 'user') Object.assign(rules, extensionAttributes);
  known.set(type, rules);
  return rules;
}

const sentence = /Supports (?:\$select and )?\$filter \(([^)]*)\)/;
const operatorNames = /\b(eq|ne|ge|le|in|startsWith|endsWith)\b/g;

function ruleIn(name: string, description: string): PropertyRule | undefined {
  const said = sentence.exec(description)?.[1];
  if (said === undefined) return undefined;
  const plain = said.replace(/\/\$count (eq|ne) 0/g, '').replace('eq on null values', '');
  const operators = new Set((plain.match(operatorNames) ?? []) as FilterOperator[]);
  // [D] "All properties that support the eq operator also support the ne or not operators."
  if (said.includes('eq')) operators.add('eq').add('ne');
  const isAdvanced = (operator: FilterOperator): boolean => needsAdvanced(name, operator);
  return {
    basic: [...operators].filter((operator) => !isAdvanced(operator)),
    advanced: [...operators].filter(isAdvanced),
    nulls: said.includes('null values') ? 'advanced' : 'never',
    counts: said.includes('/$count'),
  };
}

function needsAdvanced(name: string, operator: FilterOperator): boolean {
  if (advancedOnly.has(name) || alwaysAdvanced.has(operator)) return true;
  if (operator === 'in') return inIsAdvanced.has(name);
  return (operator === 'ge' || operator === 'le') && !orderedByDefault.has(name);
}
