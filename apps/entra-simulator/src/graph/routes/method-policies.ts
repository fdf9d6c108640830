import type { PassPolicy, PolicyTarget } from '../../control/contract.js';
import { everybody } from '../../directory/methods.js';
import { asObject, type Json } from '../../foundation/json.js';
import type { TenantConfig } from '../../state/model.js';

/** The configuration of one kind of authentication method. */
export interface MethodPolicy {
  readonly id: string;
  /** OpenAPI type without `microsoft.graph.`. */
  readonly type: string;
  readonly read: (config: TenantConfig) => Json;
  readonly change: (config: TenantConfig, changes: Json) => Partial<TenantConfig>;
}

const changeableOfPasses: readonly (keyof PassPolicy)[] = [
  'state',
  'minimumLifetimeInMinutes',
  'maximumLifetimeInMinutes',
  'defaultLifetimeInMinutes',
  'isUsableOnce',
  'defaultLength',
  'includeTargets',
  'excludeTargets',
];

const shownTarget = ({ targetType, id }: PolicyTarget): Json => ({
  targetType,
  id,
  isRegistrationRequired: false,
});

const passes: MethodPolicy = {
  id: 'TemporaryAccessPass',
  type: 'temporaryAccessPassAuthenticationMethodConfiguration',
  read: ({ passPolicy: { includeTargets = [everybody], excludeTargets = [], ...plain } }) => ({
    ...plain,
    excludeTargets: excludeTargets.map(({ targetType, id }) => ({ targetType, id })),
    includeTargets: includeTargets.map(shownTarget),
  }),
  change: ({ passPolicy }, changes) => {
    const named = changeableOfPasses.filter((name) => name in changes);
    return {
      passPolicy: { ...passPolicy, ...Object.fromEntries(named.map((name) => [name, changes[name]])) },
    };
  },
};

/** Nothing here depends on these: they are kept and told. */
const kept = (id: string, type: string, usual: Json): MethodPolicy => ({
  id,
  type,
  read: ({ methodPolicies }) => ({ ...usual, ...methodPolicies?.[id] }),
  change: ({ methodPolicies }, changes) => {
    const named = Object.fromEntries(Object.entries(changes).filter(([name]) => name in usual));
    return { methodPolicies: { ...methodPolicies, [id]: { ...asObject(methodPolicies?.[id]), ...named } } };
  },
});

const forAll = (more: Json = {}): Json[] => [{ ...shownTarget(everybody), ...more }];

export const methodPolicies: readonly MethodPolicy[] = [
  kept('Fido2', 'fido2AuthenticationMethodConfiguration', {
    state: 'enabled',
    isSelfServiceRegistrationAllowed: true,
    isAttestationEnforced: false,
    keyRestrictions: { isEnforced: false, enforcementType: 'block', aaGuids: [] },
    excludeTargets: [],
    includeTargets: forAll(),
  }),
  kept('MicrosoftAuthenticator', 'microsoftAuthenticatorAuthenticationMethodConfiguration', {
    state: 'enabled',
    isSoftwareOathEnabled: false,
    excludeTargets: [],
    includeTargets: forAll({ authenticationMode: 'any' }),
  }),
  passes,
  kept('SoftwareOath', 'softwareOathAuthenticationMethodConfiguration', {
    state: 'disabled',
    excludeTargets: [],
    includeTargets: forAll(),
  }),
];
