import { builtInStrengths, type Strength } from '../../login/strengths.js';
import { usualSignIn } from '../../state/model-sign-in.js';
import { ok, type GraphContext, type GraphReply, type Route } from '../context.js';
import { entity, list, type Listing } from '../list.js';
import type { Reader } from '../select.js';

const defaultsPath = '/policies/identitySecurityDefaultsEnforcementPolicy';
/** Microsoft's data has the read permission; its second row belongs to the write. */
const reading = [['Policy.Read.All']];

export const strengthRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/policies/authenticationStrengthPolicies',
    workload: 'policies',
    answer: listStrengths,
  },
  { method: 'GET', path: defaultsPath, workload: 'policies', asks: reading, answer: getSecurityDefaults },
];

/** Built-in strengths are as old as the feature. */
const madeAt = '2021-12-01T00:00:00Z';

export function strengthReader(strength: Strength): Reader {
  const shown: Record<string, unknown> = {
    ...strength,
    policyType: 'builtIn',
    createdDateTime: madeAt,
    modifiedDateTime: madeAt,
  };
  return (property) => shown[property];
}

const listing: Listing<Strength> = {
  type: 'authenticationStrengthPolicy',
  resource: 'AuthenticationStrengthPolicy',
  context: 'policies/authenticationStrengthPolicies',
  defaults: [
    'id',
    'createdDateTime',
    'modifiedDateTime',
    'displayName',
    'description',
    'policyType',
    'requirementsSatisfied',
    'allowedCombinations',
  ],
  rules: { id: { basic: ['eq'] }, displayName: { basic: ['eq'] }, policyType: { basic: ['eq'] } },
  isUnpaged: true,
  read: strengthReader,
};

function listStrengths(ctx: GraphContext): GraphReply {
  return list(ctx, listing, () => [...builtInStrengths]);
}

function getSecurityDefaults(ctx: GraphContext): GraphReply {
  const { securityDefaults } = ctx.tenant.config.signIn ?? usualSignIn;
  const shown: Record<string, unknown> = {
    id: '00000000-0000-0000-0000-000000000005',
    displayName: 'Security Defaults',
    description: 'Security defaults is a set of basic identity security mechanisms recommended by Microsoft.',
    isEnabled: securityDefaults,
  };
  return ok(
    entity(ctx, {
      type: 'identitySecurityDefaultsEnforcementPolicy',
      context: 'policies/identitySecurityDefaultsEnforcementPolicy',
      defaults: ['id', 'displayName', 'description', 'isEnabled'],
      read: (property) => shown[property],
    }),
  );
}
