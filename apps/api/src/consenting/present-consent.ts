import type { ConsentOut } from '#contracts';
import type { Instant } from '#core/shared';
import type { Consent, ConsentState } from '#core/tenancy';
import { clouds } from '../customers/present-customer.js';
import { iso, isoOrNull } from '../wire.js';

const states = {
  open: 'open',
  waiting: 'waiting',
  to_confirm: 'to_confirm',
  connected: 'connected',
  failed: 'failed',
  withdrawn: 'withdrawn',
} as const satisfies Record<ConsentState, ConsentOut['state']>;

/** All of it but its link. */
export const presentConsent = (consent: Consent, now: Instant): ConsentOut => {
  const { proven, problem, claimedTenantId } = consent;
  const isExpired = consent.state === 'open' && consent.expiresAt <= now;
  return {
    customerId: consent.customerId,
    cloud: clouds[consent.cloud],
    clientId: consent.clientId,
    expectedTenantId: consent.expectedTenantId,
    domain: consent.domain,
    state: isExpired ? 'expired' : states[consent.state],
    madeAt: iso(consent.madeAt),
    expiresAt: iso(consent.expiresAt),
    answeredAt: isoOrNull(consent.answeredAt),
    claimedTenantId,
    tenant:
      proven === null || claimedTenantId === null
        ? null
        : { tenantId: claimedTenantId, displayName: proven.displayName, domains: [...proven.domains] },
    problem: problem === null ? null : { ...problem, missingPermissions: [...problem.missingPermissions] },
  };
};
