import type { AssignmentRules, PimSettings } from '../control/contract.js';
import { durationMs } from '../foundation/duration.js';
import type { ScheduleKind } from '../state/model-pim.js';
import type { Tenant } from '../state/tenant.js';

export const usualPimSettings: PimSettings = { requestsPerMinute: 1_000, provisioningMs: 0 };

export const pimSettingsOf = (tenant: Tenant): PimSettings => tenant.config.pim ?? usualPimSettings;

/** What Entra sets for every role at first. */
const usualRules: Record<ScheduleKind, AssignmentRules> = {
  assignment: { maximumDuration: 'P180D', isExpirationRequired: false, enabledRules: ['Justification'] },
  eligibility: { maximumDuration: 'P365D', isExpirationRequired: false, enabledRules: [] },
};

/** The tenant's rules for a role: the role's own policy, over the one for all roles, over Entra's own. */
export function rulesFor(tenant: Tenant, roleDefinitionId: string, kind: ScheduleKind): AssignmentRules {
  const policies = tenant.config.rolePolicies ?? [];
  const half = kind === 'assignment' ? 'active' : 'eligible';
  const forAll = policies.find((policy) => policy.role === undefined);
  const own = policies.find((policy) => policy.role === roleDefinitionId);
  return { ...usualRules[kind], ...forAll?.[half], ...own?.[half] };
}

interface Asked {
  readonly startAt: number;
  readonly endAt: number | null;
  readonly hasJustification: boolean;
  readonly hasTicket: boolean;
}

/** The rules that a request breaks, named as PIM names them and in its order. */
export function brokenRules(tenant: Tenant, rules: AssignmentRules, asked: Asked): string[] {
  const breaks = {
    ExpirationRule: isTooLong(tenant, rules, asked),
    JustificationRule: rules.enabledRules.includes('Justification') && !asked.hasJustification,
    // An app cannot prove a second factor.
    MfaRule: rules.enabledRules.includes('MultiFactorAuthentication'),
    TicketingRule: rules.enabledRules.includes('Ticketing') && !asked.hasTicket,
  };
  return Object.entries(breaks).flatMap(([rule, isBroken]) => (isBroken ? [rule] : []));
}

function isTooLong(tenant: Tenant, rules: AssignmentRules, { startAt, endAt }: Asked): boolean {
  if (endAt === null) return rules.isExpirationRequired;
  if (endAt <= startAt) return true;
  const isIgnored =
    !rules.isExpirationRequired && tenant.config.switches.pimMaximumBesidePermanent === 'ignored';
  return !isIgnored && endAt - startAt > (durationMs(rules.maximumDuration) ?? 0);
}
