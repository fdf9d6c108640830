import type { AccessPolicy } from '#core/access';
import type { PassPolicy, Reading, StoppingPolicy } from '#core/accounts';
import { GLOBAL_ADMINISTRATOR } from '#core/proving';
import type { ValidateLine } from '#core/tenancy';
import { fail, listed, pass, warn } from './line.js';
import { rolesGiven, unread, type TenantFacts } from './tenant-facts.js';

/** The lines about the tenant itself, and whom it lets in. */
export const judgeTenant = (facts: TenantFacts): readonly ValidateLine[] => [
  judgeDomain(facts),
  judgePasses(facts),
  judgeConditionalAccess(facts),
  judgeLicence(facts),
  judgeGlobalAdministrators(facts),
];

const judgeDomain = ({ inspection, connection }: TenantFacts): ValidateLine => {
  if (!inspection.known) return unread('domain', inspection.why);
  const { domains } = inspection.value;
  const name = connection.domain;
  const domain = domains.find((each) => each.name.toLowerCase() === name);
  const usable = domains.filter(({ verified, managed }) => verified && managed).map((each) => each.name);
  const mend = `Connect the customer with one that can be used: ${listed(usable) || 'there is none in the tenant yet'}.`;
  if (domain === undefined) return fail('domain', `The tenant has no domain ${name}.`, mend);
  if (!domain.verified) return fail('domain', `The domain ${name} is not verified.`, mend);
  if (!domain.managed)
    return fail(
      'domain',
      `The domain ${name} is federated: its users sign in elsewhere, not with what Curfew makes.`,
      mend,
    );
  return pass('domain', `Accounts are made on ${name}, which is verified and managed.`);
};

const wantsPass = ({ credential }: AccessPolicy): boolean => credential !== 'password';

const judgePasses = ({ survey, policies }: TenantFacts): ValidateLine => {
  const id = 'passes';
  if (!survey.known) return unread(id, survey.why);
  const { passPolicy } = survey.value;
  if (!passPolicy.known) return unread(id, passPolicy.why);
  const wanting = policies.filter(wantsPass);
  const { value } = passPolicy;
  if (value?.enabled !== true) return passesOff(wanting);
  const left = wanting.filter((policy) => !mayHavePass(value, policy));
  if (left.length > 0)
    return fail(
      id,
      `The tenant's policy for Temporary Access Passes is not for accounts of ${namesOf(left)}.`,
      'In Entra, under Authentication methods, Temporary Access Pass, include all users, or a group that these access policies give; and exclude none of theirs.',
    );
  return passLifetimes(value, wanting);
};

const passesOff = (wanting: readonly AccessPolicy[]): ValidateLine => {
  const says = 'Temporary Access Passes are switched off in the tenant';
  const mend =
    "In Entra, under Authentication methods, enable Temporary Access Pass: a password alone opens none of Microsoft's admin portals any more.";
  return wanting.length > 0
    ? fail('passes', `${says}, and ${namesOf(wanting)} give one.`, mend)
    : warn('passes', `${says}.`, mend);
};

const mayHavePass = (pass: PassPolicy, { gives }: AccessPolicy): boolean =>
  (pass.forEverybody || gives.groups.some((group) => pass.forGroups.includes(group))) &&
  !gives.groups.some((group) => pass.notForGroups.includes(group));

const passLifetimes = (
  { minimumMinutes, maximumMinutes, onceOnly }: PassPolicy,
  wanting: readonly AccessPolicy[],
): ValidateLine => {
  const id = 'passes';
  const lives = `A pass lives for ${minimumMinutes} to ${maximumMinutes} minutes here`;
  const longer = wanting.filter(({ maximumDurationSeconds }) => maximumDurationSeconds > maximumMinutes * 60);
  if (onceOnly)
    return warn(
      id,
      `${lives}, and can be used once only.`,
      'Allow passes that can be used more than once: a technician who has to sign in a second time asks for another one.',
    );
  if (longer.length > 0)
    return warn(
      id,
      `${lives}: shorter than the longest access by ${namesOf(longer)}, which then takes a second pass.`,
      'Raise the maximum lifetime in Entra, or shorten the access policies.',
    );
  return pass(id, `${lives}; Curfew deletes it at the end of the access.`);
};

/** Whether an account that was made for the policy falls under it. */
const stops = (stopping: StoppingPolicy, { gives }: AccessPolicy): boolean => {
  const roles = [...rolesGiven([{ gives, name: '' } as AccessPolicy]).keys()];
  const { forEverybody, forRoles, forGroups, notForRoles, notForGroups } = stopping;
  const isMeant =
    forEverybody ||
    roles.some((role) => forRoles.includes(role)) ||
    gives.groups.some((group) => forGroups.includes(group));
  const isExcepted =
    roles.some((role) => notForRoles.includes(role)) ||
    gives.groups.some((group) => notForGroups.includes(group));
  return isMeant && !isExcepted;
};

const judgeConditionalAccess = ({ survey, policies }: TenantFacts): ValidateLine => {
  const id = 'conditional_access';
  if (!survey.known) return unread(id, survey.why);
  const { stoppingPolicies } = survey.value;
  if (!stoppingPolicies.known) return unreadAccess(survey.value.licence, stoppingPolicies.why);
  const found = stoppingPolicies.value
    .map((stopping) => ({ stopping, stopped: policies.filter((policy) => stops(stopping, policy)) }))
    .filter(({ stopped }) => stopped.length > 0);
  const told = (each: typeof found): string =>
    listed(
      each.map(
        ({ stopping, stopped }) =>
          `“${stopping.displayName}” asks for ${listed(stopping.demands)} (${namesOf(stopped)})`,
      ),
    );
  const mend =
    'Leave accounts of Curfew out of it by a group that these access policies give, or have technicians register a passkey in their account there, which is kept where the policy keeps accounts.';
  const now = found.filter(({ stopping }) => stopping.enforced && !stopping.conditional);
  if (now.length > 0)
    return fail(id, `Conditional Access stops a fresh admin at the portals: ${told(now)}.`, mend);
  if (found.length > 0)
    return warn(
      id,
      `Conditional Access may stop a fresh admin, under its conditions or once it is enforced: ${told(found)}.`,
      mend,
    );
  return pass(id, 'No Conditional Access policy stops a fresh admin who comes with a pass.');
};

const unreadAccess = (licence: Reading<string>, why: Parameters<typeof unread>[1]): ValidateLine =>
  licence.known && licence.value === 'none'
    ? pass('conditional_access', 'Without Entra ID P1 there is no Conditional Access.')
    : unread('conditional_access', why);

const judgeLicence = ({ survey }: TenantFacts): ValidateLine => {
  const id = 'licence';
  if (!survey.known) return unread(id, survey.why);
  const { licence } = survey.value;
  if (!licence.known) return unread(id, licence.why);
  if (licence.value === 'P2')
    return pass(
      id,
      'Entra ID P2: Entra itself ends roles of five minutes or more, whatever becomes of Curfew.',
    );
  return pass(
    id,
    licence.value === 'P1'
      ? 'Entra ID P1. With P2 Entra itself would end roles too, whatever becomes of Curfew.'
      : 'Entra ID Free. Curfew needs no more; role-assignable groups and Conditional Access come with P1, roles that end by themselves with P2.',
  );
};

/** CISA's SCuBA baseline for Entra ID, 7.1. */
const FEWEST = 2;
const MOST = 8;

const judgeGlobalAdministrators = ({ survey, policies }: TenantFacts): ValidateLine => {
  const id = 'global_administrators';
  if (!survey.known) return unread(id, survey.why);
  const { globalAdministrators } = survey.value;
  if (!globalAdministrators.known) return unread(id, globalAdministrators.why);
  const { value: count } = globalAdministrators;
  const says = `${count} ${count === 1 ? 'holds' : 'hold'} Global Administrator`;
  if (count < FEWEST)
    return warn(
      id,
      `${says}: with fewer than two, one lost key locks everybody out.`,
      'Keep two break-glass accounts.',
    );
  if (count > MOST)
    return warn(
      id,
      `${says}: more than the eight that CISA's baseline allows.`,
      'Give finer roles, and give this one for a time only.',
    );
  const isGiven = [...rolesGiven(policies).keys()].some((role) => role === GLOBAL_ADMINISTRATOR);
  return pass(
    id,
    `${says}, which is between two and eight.${isGiven ? ' Access that gives it adds to them while it lasts.' : ''}`,
  );
};

const namesOf = (policies: readonly AccessPolicy[]): string =>
  listed(policies.map(({ name }) => `“${name}”`));
