import type { CatalogueGroup } from '#core/accounts';
import type { ValidateLine } from '#core/tenancy';
import { fail, listed, pass, warn } from './line.js';
import { groupsGiven, rolesGiven, unitsGiven, unread, type TenantFacts } from './tenant-facts.js';

/** The lines about what the access policies give: whether the tenant has it, and lets anybody have it. */
export const judgeGiven = (facts: TenantFacts): readonly ValidateLine[] => [
  judgePolicies(facts),
  judgeRoles(facts),
  judgeUnits(facts),
  judgeGroups(facts),
];

const judgePolicies = ({ policies }: TenantFacts): ValidateLine =>
  policies.length === 0
    ? warn(
        'policies',
        'No access policy reaches this customer: nobody can ask for access.',
        'Create an access policy for it, or for all customers.',
      )
    : pass(
        'policies',
        `${policies.length} ${policies.length === 1 ? 'access policy reaches' : 'access policies reach'} this customer.`,
      );

const judgeRoles = ({ roles, policies }: TenantFacts): ValidateLine => {
  const id = 'roles';
  const given = rolesGiven(policies);
  if (given.size === 0) return pass(id, 'No access policy gives a directory role.');
  if (!roles.known) return unread(id, roles.why);
  if (!roles.value.complete && roles.value.brokenOff !== null) return unread(id, roles.value.brokenOff);
  const known = new Set(roles.value.items.flatMap((role) => [role.id, role.templateId]));
  const gone = [...given].filter(([role]) => !known.has(role));
  if (gone.length > 0)
    return fail(
      id,
      `Not in this tenant, or switched off: ${listed(gone.map(([role, names]) => `${role} (${listed(names)})`))}.`,
      'Take them out of the access policies, or give the customer policies of its own.',
    );
  return pass(id, `Each of the ${given.size} roles that policies give is there.`);
};

const whyNot = (group: CatalogueGroup | null): string | null => {
  if (group === null) return 'is not in this tenant';
  if (group.manageable) return null;
  if (group.dynamic) return `“${group.displayName}” is dynamic: a rule decides who is in it`;
  if (group.synced) return `“${group.displayName}” comes from an on-premises directory`;
  return `“${group.displayName}” is for mail alone`;
};

const judgeGroups = ({ survey, policies }: TenantFacts): ValidateLine => {
  const id = 'groups';
  const given = groupsGiven(policies);
  if (given.size === 0) return pass(id, 'No access policy gives a group.');
  if (!survey.known) return unread(id, survey.why);
  const { groups } = survey.value;
  const readings = [...given].map(([group, names]) => ({ group, names, reading: groups.get(group) }));
  const wrong = readings.flatMap(({ group, names, reading }) => {
    const why = reading?.known === true ? whyNot(reading.value) : null;
    return why === null ? [] : [`${group} ${why} (${listed(names)})`];
  });
  if (wrong.length > 0)
    return fail(
      id,
      `Groups that nobody can be put into: ${listed(wrong)}.`,
      'Take them out of the access policies, or choose others there.',
    );
  const open = readings.find(({ reading }) => reading?.known === false)?.reading;
  if (open?.known === false) return unread(id, open.why);
  const unseen = readings.filter(({ reading }) => reading === undefined).length;
  if (unseen > 0)
    return warn(
      id,
      `${unseen} of ${given.size} groups were not looked at.`,
      'Let access policies give fewer groups.',
    );
  return pass(id, `Each of the ${given.size} groups that policies give can be given.`);
};

const judgeUnits = ({ survey, policies }: TenantFacts): ValidateLine => {
  const id = 'units';
  const given = unitsGiven(policies);
  if (given.size === 0) return pass(id, 'No access policy gives a role in an administrative unit.');
  if (!survey.known) return unread(id, survey.why);
  const { units } = survey.value;
  const readings = [...given].map(([unit, names]) => ({ unit, names, reading: units.get(unit) }));
  const gone = readings.filter(({ reading }) => reading?.known === true && reading.value === null);
  if (gone.length > 0)
    return fail(
      id,
      `Administrative units that are not in this tenant: ${listed(gone.map(({ unit, names }) => `${unit} (${listed(names)})`))}.`,
      'Take their roles out of the access policies, or choose other units there.',
    );
  const open = readings.find(({ reading }) => reading?.known === false)?.reading;
  if (open?.known === false) return unread(id, open.why);
  const unseen = readings.filter(({ reading }) => reading === undefined).length;
  if (unseen > 0)
    return warn(
      id,
      `${unseen} of ${given.size} administrative units were not looked at.`,
      'Let access policies name fewer units.',
    );
  return pass(id, `Each of the ${given.size} administrative units in which policies give roles is there.`);
};
