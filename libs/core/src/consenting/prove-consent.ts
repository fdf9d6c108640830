import { judgeInspection } from '#core/access';
import type { TenantInspection } from '#core/accounts';
import { CURFEW, type AuditStores } from '#core/audit';
import { DomainError, MINUTE, SECOND, type CustomerRef, type Instant } from '#core/shared';
import type { Consent, ConsentProblem, ProvenTenant, UsableOrganizationApp } from '#core/tenancy';
import {
  ConnectByOrganizationApp,
  requireFree,
  type ConnectByOrganizationAppPorts,
} from './connect-by-organization-app.js';
import { mayHealByItself, problemOf } from './consent-answer.js';
import { consentingErrors } from './consenting.errors.js';
import { inspectByApp } from './inspect-by-app.js';

/** Entra may need minutes until all its servers know a consent; what isn't so by then was never given. */
const GIVE_UP_MS = 15 * MINUTE;
const FIRST_WAIT_MS = 5 * SECOND;
/** Longer than a proof takes, so that nobody begins a second one beside it. */
const CLAIM_MS = 45 * SECOND;
const LONGEST_WAIT_MS = MINUTE;
const MOST_DOMAINS = 50;
const A_PASS = 20;

/** What a proof came to. */
type Proof =
  | { readonly outcome: 'connected'; readonly proven: ProvenTenant }
  | { readonly outcome: 'to_confirm'; readonly proven: ProvenTenant; readonly problem: ConsentProblem | null }
  | { readonly outcome: 'later' | 'never'; readonly problem: ConsentProblem };

/**
 * Asks Entra whether what somebody said is so: a token for that tenant, by the organization's app, and what is read with it.
 * Driven by the row alone: bounded, and taken up again by whoever comes next. A tenant that an admin named beforehand is
 * connected then; any other waits for an admin.
 */
export class ProveConsent {
  private readonly connect: ConnectByOrganizationApp;

  constructor(private readonly ports: ConnectByOrganizationAppPorts) {
    this.connect = new ConnectByOrganizationApp(ports);
  }

  /** One pass over what is due. One customer's failure is handed to `failed` and stops nobody else's. */
  async sweep(failed: (customer: CustomerRef, error: unknown) => void): Promise<void> {
    const due = await this.ports.unitOfWork.clockwork.dueConsents(this.ports.clock.now(), A_PASS);
    for (const customer of due)
      await this.execute(customer).catch((error: unknown) => failed(customer, error));
  }

  async execute(customer: CustomerRef): Promise<void> {
    const claimed = await this.claim(customer);
    if (claimed === null) return;
    const proof = await this.prove(claimed);
    const next = this.after(claimed, proof);
    await this.ports.unitOfWork.inOrganization(customer.organizationId, async (stores) => {
      // A new link was made meanwhile, or this one was withdrawn: what came of it is nobody's concern any more.
      if (!(await stores.consents.save(next, claimed.version))) return;
      if (next.state !== 'waiting') await stores.audit.append([this.auditOf(next)]);
    });
  }

  /** For as long as a proof may take nobody else begins one. */
  private claim({ organizationId, customerId }: CustomerRef): Promise<Consent | null> {
    return this.ports.unitOfWork.inOrganization(organizationId, async ({ consents }) => {
      const now = this.ports.clock.now();
      const known = await consents.ofCustomer(customerId);
      if (known?.state !== 'waiting' || known.dueAt === null || known.dueAt > now) return null;
      const { attempts, version } = known;
      const claimed = { ...known, attempts: attempts + 1, dueAt: now + CLAIM_MS, version: version + 1 };
      return (await consents.save(claimed, version)) ? claimed : null;
    });
  }

  private async prove(consent: Consent): Promise<Proof> {
    try {
      const app = await this.appOf(consent);
      const inspection = await inspectByApp(this.ports, app, tenantOf(consent));
      return await this.conclude(consent, inspection);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { outcome: mayHealByItself(error) ? 'later' : 'never', problem: problemOf(error) };
    }
  }

  private appOf({
    organizationId,
    customerId,
    cloud,
    clientId,
    ...rest
  }: Consent): Promise<UsableOrganizationApp> {
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const app = await stores.organizationApps.steady(cloud);
      if (app?.clientId !== clientId) throw consentingErrors.refuse('organization_app.not_found');
      await requireFree(stores, { cloud, customerId, tenantId: tenantOf(rest) });
      return app;
    });
  }

  /** The tenant has vouched for itself; whether it is the customer's, an admin has said before or says now. */
  private async conclude(consent: Consent, inspection: TenantInspection): Promise<Proof> {
    const { expectedTenantId, domain } = consent;
    const proven = provenIn(inspection);
    const refusal = judgeInspection(inspection, { tenantId: tenantOf(consent), domain: domain ?? '' });
    if (refusal !== null && !isOfDomain(refusal)) throw refusal;
    if (expectedTenantId === null || domain === null) return { outcome: 'to_confirm', proven, problem: null };
    if (refusal !== null) return { outcome: 'to_confirm', proven, problem: problemOf(refusal) };
    const { organizationId, customerId, cloud } = consent;
    const by = { organizationId, customerId, cloud, actor: CURFEW };
    await this.connect.execute({ ...by, tenantId: expectedTenantId, domain });
    return { outcome: 'connected', proven };
  }

  private after(claimed: Consent, proof: Proof): Consent {
    const now = this.ports.clock.now();
    const next = { ...claimed, dueAt: null, version: claimed.version + 1 };
    if (proof.outcome === 'connected')
      return { ...next, state: 'connected', proven: proof.proven, problem: null };
    if (proof.outcome === 'to_confirm')
      return { ...next, state: 'to_confirm', proven: proof.proven, problem: proof.problem };
    const { problem } = proof;
    const dueAt = now + waitAfter(claimed.attempts);
    const isOver = dueAt > (claimed.answeredAt ?? 0) + GIVE_UP_MS;
    if (proof.outcome === 'never' || isOver) return { ...next, state: 'failed', problem };
    return { ...next, dueAt, problem };
  }

  private auditOf(consent: Consent): Parameters<AuditStores['audit']['append']>[0][number] {
    const { organizationId, customerId, id, state, problem, proven, attempts } = consent;
    return {
      organizationId,
      at: this.ports.clock.now(),
      actor: CURFEW,
      action: 'consent.proven',
      subject: { kind: 'consent', id },
      customerId,
      details: {
        ...{ state, attempts, tenantId: tenantOf(consent), tenantName: proven?.displayName ?? null },
        ...{ problem: problem?.code ?? null, missingPermissions: problem?.missingPermissions ?? [] },
      },
    };
  }
}

/** What an admin named goes before what a redirect said; where he did, they are the same. */
export const tenantOf = ({
  expectedTenantId,
  claimedTenantId,
}: Pick<Consent, 'expectedTenantId' | 'claimedTenantId'>): string =>
  expectedTenantId ?? claimedTenantId ?? '';

/** Doubled each time, up to a minute. */
const waitAfter = (attempts: number): Instant =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 10));

const isOfDomain = ({ code }: DomainError): boolean => code.startsWith('directory.domain_');

const provenIn = ({ displayName, domains }: TenantInspection): ProvenTenant => ({
  displayName,
  domains: domains
    .filter(({ verified, managed }) => verified && managed)
    .map(({ name }) => name)
    .slice(0, MOST_DOMAINS),
});
