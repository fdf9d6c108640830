import { signInMend, type DirectoryError, type TenantInspection } from '#core/accounts';
import {
  GLOBAL_ADMINISTRATOR,
  PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
  tierOf,
  USER_ADMINISTRATOR,
} from '#core/proving';
import { HOUR, SECOND } from '#core/shared';
import type { ValidateLine } from '#core/tenancy';
import { fail, listed, pass, warn } from './line.js';
import { rolesGiven, unread, type TenantFacts } from './tenant-facts.js';

/** The lines about our own app: whether it gets in, what it may do there, and for how long. */
export const judgeApp = (facts: TenantFacts): readonly ValidateLine[] => [
  judgeToken(facts),
  judgeTenantId(facts),
  judgeClock(facts),
  judgeCredentialEnd(facts),
  judgePermissions(facts),
  judgeExcess(facts),
  judgeDirectoryRole(facts),
];

const isAboutSignIn = ({ facts }: DirectoryError): boolean => facts.workload === 'sign-in';

const judgeToken = ({ inspection, survey }: TenantFacts): ValidateLine => {
  const readings = [inspection, survey];
  const got = readings.find((reading) => reading.known || !isAboutSignIn(reading.why));
  const refused = readings.find((reading) => !reading.known);
  if (got !== undefined || refused === undefined || refused.known)
    return pass('token', 'Entra gave Curfew a token for this tenant.');
  return fail('token', refused.why.message, signInMend(refused.why.facts.code));
};

/** The line for what the inspection tells. */
const fromInspection = (
  id: 'tenant' | 'permissions',
  { inspection }: TenantFacts,
  judge: (told: TenantInspection) => ValidateLine,
): ValidateLine => (inspection.known ? judge(inspection.value) : unread(id, inspection.why));

const judgeTenantId = (facts: TenantFacts): ValidateLine =>
  fromInspection('tenant', facts, ({ tenantId, displayName }) =>
    tenantId === facts.connection.tenantId
      ? pass('tenant', `The token opens the tenant “${displayName}”.`)
      : fail(
          'tenant',
          `The token opens another tenant (${tenantId}, “${displayName}”).`,
          'Check the tenant id of the connection.',
        ),
  );

/** More than this, and nothing is enabled there. */
const FURTHEST_MS = 30 * SECOND;
const NOTABLE_MS = 5 * SECOND;

const judgeClock = ({ survey, aheadMs }: TenantFacts): ValidateLine => {
  if (!survey.known) return unread('clock', survey.why);
  if (aheadMs === null)
    return warn(
      'clock',
      'Graph did not tell its time.',
      'Run Validate again; look for a proxy that takes headers out.',
    );
  const seconds = Math.round(Math.abs(aheadMs) / SECOND);
  const says = `Graph's clock is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} Curfew's.`;
  const mend = 'Set the clocks of the machines that Curfew and its database run on by a time service (NTP).';
  if (Math.abs(aheadMs) > FURTHEST_MS)
    return fail('clock', `${says} Beyond 30 s nothing is enabled there.`, mend);
  return Math.abs(aheadMs) > NOTABLE_MS ? warn('clock', says, mend) : pass('clock', 'The clocks agree.');
};

const DAY = 24 * HOUR;
const WARNED_DAYS = 60;

const judgeCredentialEnd = ({ connection, inspection, now }: TenantFacts): ValidateLine => {
  const { credentialKind } = connection;
  if (credentialKind === 'federated') return pass('credential_end', 'There is no credential that could end.');
  const endsAt = (inspection.known ? inspection.value.credentialEndsAt : null) ?? connection.credentialEndsAt;
  const mend =
    'Add a new certificate (or secret) to the app registration and exchange the credential here; then take the old one out.';
  if (endsAt === null)
    return warn(
      'credential_end',
      `When the ${credentialKind} ends is not known: Entra does not tell.`,
      'Enter its end date with the credential, so that Curfew can warn; better, use a certificate, which says it itself.',
    );
  const days = Math.floor((endsAt - now) / DAY);
  const on = new Date(endsAt).toISOString().slice(0, 10);
  if (endsAt <= now) return fail('credential_end', `The ${credentialKind} ended on ${on}.`, mend);
  if (days < WARNED_DAYS)
    return warn('credential_end', `The ${credentialKind} ends in ${days} days, on ${on}.`, mend);
  return pass('credential_end', `The ${credentialKind} ends on ${on}.`);
};

const judgePermissions = (facts: TenantFacts): ValidateLine =>
  fromInspection('permissions', facts, ({ missingPermissions, recommendedPermissions }) => {
    const mend =
      'Add them to the app registration (API permissions, Microsoft Graph, application permissions) and have an administrator of the customer grant consent.';
    if (missingPermissions.length > 0)
      return fail('permissions', `Missing: ${listed(missingPermissions, 20)}.`, mend);
    if (recommendedPermissions.length > 0)
      return warn(
        'permissions',
        `Complete but for what is recommended: ${listed(recommendedPermissions)}. Without it Curfew sees, and so removes, less of what is added by hand.`,
        mend,
      );
    return pass('permissions', 'All that Curfew needs is consented to.');
  });

const judgeExcess = ({ survey }: TenantFacts): ValidateLine => {
  const id = 'excess_permissions';
  if (!survey.known) return unread(id, survey.why);
  const { excessPermissions } = survey.value;
  if (excessPermissions.length === 0) return pass(id, 'Nothing is consented to that Curfew has no use for.');
  const told = excessPermissions.map(({ permission, narrower }) =>
    narrower.length === 0 ? permission : `${permission} (${listed(narrower)} would do)`,
  );
  return warn(
    id,
    `More than Curfew has a use for: ${listed(told, 20)}.`,
    'Take them away from the app: whoever gets hold of its credential has them too.',
  );
};

const judgeDirectoryRole = ({ survey, policies }: TenantFacts): ValidateLine => {
  const id = 'directory_role';
  if (!survey.known) return unread(id, survey.why);
  const { ownRoles, groups } = survey.value;
  if (!ownRoles.known) return unread(id, ownRoles.why);
  const holds = (role: string): boolean => ownRoles.value.some((own) => own === role);
  if (holds(PRIVILEGED_AUTHENTICATION_ADMINISTRATOR))
    return pass(
      id,
      'Curfew holds Privileged Authentication Administrator: it may disable whoever it makes an admin.',
    );
  if (holds(GLOBAL_ADMINISTRATOR))
    return warn(
      id,
      'Curfew holds Global Administrator, which is more than it needs.',
      "Assign Privileged Authentication Administrator to Curfew's service principal, and take Global Administrator away.",
    );
  const given = [...rolesGiven(policies).keys()];
  const makesProtected = [...groups.values()].some(
    (group) => group.known && group.value?.roleAssignable === true,
  );
  if (given.length === 0 && !makesProtected)
    return pass(id, 'No access policy makes anybody an admin, so Curfew needs no directory role.');
  const isLimited = given.every((role) => tierOf(role) === 'limited') && !makesProtected;
  if (isLimited && holds(USER_ADMINISTRATOR))
    return pass(id, 'Curfew holds User Administrator, which is enough for the roles that the policies give.');
  return warn(
    id,
    'Curfew may not disable holders of the roles that the policies give. At an end the roles go within the 60 seconds, and the account is disabled when Entra has noticed, which can take some minutes.',
    "Assign Privileged Authentication Administrator to Curfew's service principal.",
  );
};
