import type { Json } from '../../foundation/json.js';
import type { Unit } from '../../state/model-directory.js';
import type { Listing } from '../list.js';
import { describedRules } from '../query/property-rules.js';
import { pick, type Reader } from '../select.js';

export const unitDefaults: readonly string[] = [
  'id',
  'deletedDateTime',
  'displayName',
  'description',
  'isMemberManagementRestricted',
  'membershipRule',
  'membershipRuleProcessingState',
  'membershipType',
  'visibility',
];

export const unitReader =
  (unit: Unit): Reader =>
  (property) =>
    property === 'membershipType' ? 'Assigned' : (unit as unknown as Json)[property];

export const unitObject = (unit: Unit): Json => ({
  '@odata.type': '#microsoft.graph.administrativeUnit',
  ...pick('administrativeUnit', unitDefaults, unitReader(unit)),
});

export const unitListing: Listing<Unit> = {
  type: 'administrativeUnit',
  resource: 'AdministrativeUnit',
  context: 'directory/administrativeUnits',
  defaults: unitDefaults,
  rules: describedRules('administrativeUnit'),
  read: unitReader,
  searchable: ['displayName', 'description'],
  sortable: ['displayName'],
};
