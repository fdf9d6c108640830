import { CURFEW, type AuditEvent, type AuditStores } from '#core/audit';
import type { Clock, Instant, SecretBox, UnitOfWork } from '#core/shared';
import type { Consent, TenancyStores } from '#core/tenancy';
import { consentAnswerIn, problemOf, type ConsentAnswer, type RedirectSays } from './consent-answer.js';
import { consentingErrors } from './consenting.errors.js';
import { organizationOfState } from './link-state.js';

export interface TellConsentCommand extends RedirectSays {
  readonly state: string | undefined;
}

/**
 * What whoever came back is told: that there is no such link (any more), that it was used before, that the answer was taken
 * down (yes or no), or that it was another tenant's.
 */
export type ToldConsent = 'no_link' | 'used' | 'told_yes' | 'told_no' | 'other_tenant';

export interface TellConsentPorts {
  readonly unitOfWork: UnitOfWork<AuditStores & TenancyStores>;
  readonly clock: Clock;
  readonly box: SecretBox;
}

/**
 * Takes down what a redirect says, once for each link. Anybody may come with anything: without a link's secret nothing is
 * written; with it, what is written is a claim, which binds no tenant to anybody. Nothing that the redirect says is proof, and
 * nobody outside is asked here.
 */
export class TellConsent {
  constructor(private readonly ports: TellConsentPorts) {}

  async execute({ state = '', ...says }: TellConsentCommand): Promise<ToldConsent> {
    const { unitOfWork, clock, box } = this.ports;
    const organizationId = organizationOfState(state);
    if (organizationId === null) return 'no_link';
    const digest = box.digest(state);
    return unitOfWork.inOrganization(organizationId, async (stores) => {
      const asked = await stores.consents.byState(digest);
      if (asked === null) return 'no_link';
      if (asked.state !== 'open') return asked.state === 'withdrawn' ? 'no_link' : 'used';
      if (!(await isStillAsked(stores, asked, clock.now()))) return 'no_link';
      const { next, told } = answered(asked, consentAnswerIn(says), clock.now());
      // Whoever comes at the same moment with the same link is the second.
      if (!(await stores.consents.save(next, asked.version))) return 'used';
      await stores.audit.append([auditOf(next, told)]);
      return told;
    });
  }
}

const isStillAsked = async (
  { organizationApps, customers }: TenancyStores,
  { cloud, clientId, customerId, expiresAt }: Consent,
  now: Instant,
): Promise<boolean> => {
  if (expiresAt <= now) return false;
  const [app, customer] = [await organizationApps.inCloud(cloud), await customers.get(customerId)];
  return app?.state === 'active' && app.clientId === clientId && customer?.state === 'active';
};

const answered = (
  asked: Consent,
  answer: ConsentAnswer,
  now: Instant,
): { readonly next: Consent; readonly told: ToldConsent } => {
  const next = { ...asked, answeredAt: now, version: asked.version + 1 };
  if (answer.said === 'no')
    return { next: { ...next, state: 'failed', problem: answer.problem }, told: 'told_no' };
  const { tenantId: claimedTenantId } = answer;
  if (asked.expectedTenantId !== null && asked.expectedTenantId !== claimedTenantId) {
    const problem = problemOf(consentingErrors.refuse('consent.other_tenant'));
    return { next: { ...next, state: 'failed', claimedTenantId, problem }, told: 'other_tenant' };
  }
  return { next: { ...next, state: 'waiting', claimedTenantId, dueAt: now }, told: 'told_yes' };
};

const auditOf = (
  { organizationId, customerId, id, answeredAt, claimedTenantId, problem }: Consent,
  told: ToldConsent,
): AuditEvent => ({
  organizationId,
  at: answeredAt ?? 0,
  actor: CURFEW,
  action: 'consent.told',
  subject: { kind: 'consent', id },
  customerId,
  details: { told, claimedTenantId, problem: problem?.code ?? null, entraCode: problem?.entraCode ?? null },
});
