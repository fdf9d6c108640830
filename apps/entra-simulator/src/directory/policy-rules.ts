import type { AssignmentRules } from '../control/contract.js';
import type { Json } from '../foundation/json.js';

interface Rules {
  readonly active: AssignmentRules;
  readonly eligible: AssignmentRules;
}
type Target = Readonly<{ caller: 'Admin' | 'EndUser'; level: 'Assignment' | 'Eligibility' }>;

/** A role's whole policy as Graph lists its rules; what an app cannot meet is as Entra sets it at first. */
export function policyRules({ active, eligible }: Rules): Json[] {
  return [
    ...adminRules(eligible, { caller: 'Admin', level: 'Eligibility' }),
    ...notifications('Eligibility', { caller: 'Admin', level: 'Eligibility' }),
    ...adminRules(active, { caller: 'Admin', level: 'Assignment' }),
    ...notifications('Assignment', { caller: 'Admin', level: 'Assignment' }),
    ...activationRules(),
    ...notifications('Assignment', { caller: 'EndUser', level: 'Assignment' }),
  ];
}

const activation: AssignmentRules = {
  maximumDuration: 'PT8H',
  isExpirationRequired: true,
  enabledRules: ['MultiFactorAuthentication', 'Justification'],
};

const endUser: Target = { caller: 'EndUser', level: 'Assignment' };

const rule = (type: string, id: string, target: Target): Json => ({
  '@odata.type': `#microsoft.graph.unifiedRoleManagementPolicy${type}Rule`,
  id,
  target: { ...target, operations: ['all'], inheritableSettings: [], enforcedSettings: [] },
});

function adminRules(rules: AssignmentRules, target: Target): Json[] {
  const where = `${target.caller}_${target.level}`;
  const { isExpirationRequired, maximumDuration, enabledRules } = rules;
  return [
    { ...rule('Expiration', `Expiration_${where}`, target), isExpirationRequired, maximumDuration },
    { ...rule('Enablement', `Enablement_${where}`, target), enabledRules: [...enabledRules] },
  ];
}

const activationRules = (): Json[] => [
  ...adminRules(activation, endUser),
  {
    ...rule('Approval', 'Approval_EndUser_Assignment', endUser),
    setting: {
      isApprovalRequired: false,
      isApprovalRequiredForExtension: false,
      isRequestorJustificationRequired: true,
      approvalMode: 'SingleStage',
      approvalStages: [],
    },
  },
  {
    ...rule('AuthenticationContext', 'AuthenticationContext_EndUser_Assignment', endUser),
    isEnabled: false,
    claimValue: null,
  },
];

const notifications = (level: Target['level'], target: Target): Json[] =>
  ['Admin', 'Requestor', 'Approver'].map((recipientType) => ({
    ...rule('Notification', `Notification_${recipientType}_${target.caller}_${level}`, target),
    notificationType: 'Email',
    recipientType,
    notificationLevel: 'All',
    isDefaultRecipientsEnabled: true,
    notificationRecipients: [],
  }));
