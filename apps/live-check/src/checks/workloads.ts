import {
  elementsOf,
  errorIn,
  fieldsOf,
  heldIf,
  inShort,
  isNoAnswer,
  notChecked,
  type Check,
  type Finding,
  type Scene,
} from '../check.js';

const premiumCodes = [
  'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
  'Authentication_MSGraphPermissionMissing',
];

/** Logs are readable, or refused with one of the two codes that we know. */
const readsLog = async (scene: Scene, path: string): Promise<Finding> => {
  const answer = await scene.read(path);
  const isKnown =
    answer.status === 200 || (answer.status === 403 && premiumCodes.includes(errorIn(answer).code));
  return heldIf(isKnown, inShort(answer));
};

/** What stands beside the directory: passes, PIM, logs, changes. */
export const workloadChecks: readonly Check[] = [
  {
    id: 'passes.policy',
    assumes:
      'The policy for passes tells state, shortest and longest lifetime, and whether one may be used again.',
    evidence: 'documented',
    scenarios: ['S079', 'S081'],
    run: async (scene) => {
      const path =
        '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass';
      const answer = await scene.read(path);
      if (isNoAnswer(answer)) return notChecked(inShort(answer));
      const policy = fieldsOf(answer.body);
      const names = ['state', 'minimumLifetimeInMinutes', 'maximumLifetimeInMinutes', 'isUsableOnce'];
      return heldIf(
        names.every((name) => name in policy),
        names.map((name) => `${name} ${String(policy[name])}`).join(', '),
      );
    },
  },
  {
    id: 'pim.readable',
    assumes: 'Schedules can be read with the permission alone; without P2 the answer names the licence.',
    evidence: 'seen by others',
    scenarios: ['S072'],
    run: async (scene) => {
      const answer = await scene.read('/roleManagement/directory/roleAssignmentSchedules?$top=1');
      if (answer.status === 403) return notChecked(inShort(answer));
      const isKnown = answer.status === 200 || errorIn(answer).code === 'AadPremiumLicenseRequired';
      return heldIf(isKnown, inShort(answer));
    },
  },
  {
    id: 'logs.sign-ins',
    assumes: 'Sign-in logs are readable, or refused for the licence or the permission by codes of their own.',
    evidence: 'documented',
    scenarios: ['S099', 'S100', 'S113'],
    run: (scene) => readsLog(scene, '/auditLogs/signIns?$top=1'),
  },
  {
    id: 'logs.directory-audits',
    assumes: 'Directory audits are readable, or refused for the permission by a code of their own.',
    evidence: 'seen by others',
    scenarios: ['S100', 'S101'],
    run: (scene) => readsLog(scene, '/auditLogs/directoryAudits?$top=1'),
  },
  {
    id: 'changes.delta',
    assumes: 'A delta with $deltatoken=latest answers a link to go on with, and nothing else.',
    evidence: 'documented',
    scenarios: ['S102', 'S103'],
    run: async (scene) => {
      const answer = await scene.read('/users/delta?$select=id,accountEnabled&$deltatoken=latest');
      if (isNoAnswer(answer)) return notChecked(inShort(answer));
      const hasLink = '@odata.deltaLink' in fieldsOf(answer.body);
      return heldIf(answer.status === 200 && hasLink && elementsOf(answer).length === 0, inShort(answer));
    },
  },
  {
    id: 'changes.bad-token',
    assumes:
      'A delta token that Graph does not know is refused, 400 or 410, and never answered as if nothing had changed.',
    evidence: 'our choice',
    scenarios: ['S102'],
    run: async (scene) => {
      const answer = await scene.read('/users/delta?$deltatoken=not-a-token');
      return isNoAnswer(answer)
        ? notChecked(inShort(answer))
        : heldIf([400, 410].includes(answer.status), inShort(answer));
    },
  },
];
