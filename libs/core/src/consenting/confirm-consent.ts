import type { AuditActor } from '#core/audit';
import type { CustomerId, OrganizationId } from '#core/shared';
import type { Consent, ConsentState, EntraConnection } from '#core/tenancy';
import {
  ConnectByOrganizationApp,
  type ConnectByOrganizationAppPorts,
} from './connect-by-organization-app.js';
import { consentingErrors } from './consenting.errors.js';
import { tenantOf } from './prove-consent.js';

/** At which customer, and who asks. */
export interface ConsentCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly actor: AuditActor;
}

export interface ConfirmConsentCommand extends ConsentCommand {
  /** As it was shown: so that nobody confirms another than he has seen. */
  readonly tenantId: string;
  readonly domain: string;
}

/**
 * An admin says that the tenant whose admin consented is the customer's: until then it counts for nothing, since whoever has a
 * link can come with a tenant of his own. It is asked anew and connected.
 */
export class ConfirmConsent {
  private readonly connect: ConnectByOrganizationApp;

  constructor(private readonly ports: ConnectByOrganizationAppPorts) {
    this.connect = new ConnectByOrganizationApp(ports);
  }

  /** Throws `consent.…`, and what connecting throws. */
  async execute(command: ConfirmConsentCommand): Promise<EntraConnection> {
    const { organizationId, customerId, actor, domain } = command;
    const { unitOfWork } = this.ports;
    const known = await unitOfWork.inOrganization(organizationId, ({ consents }) =>
      consents.ofCustomer(customerId),
    );
    if (known === null) throw consentingErrors.refuse('consent.not_found');
    if (known.state !== 'to_confirm') throw consentingErrors.refuse('consent.not_to_confirm');
    const tenantId = tenantOf(known);
    if (tenantId !== command.tenantId.toLowerCase()) throw consentingErrors.refuse('consent.tenant_differs');
    const by = { organizationId, customerId, cloud: known.cloud, actor };
    const connection = await this.connect.execute({ ...by, tenantId, domain });
    const next = { ...known, state: 'connected' as const, problem: null, version: known.version + 1 };
    // Somebody who made a new link meanwhile loses nothing by it: the customer is connected.
    await unitOfWork.inOrganization(organizationId, ({ consents }) => consents.save(next, known.version));
    return connection;
  }
}

const OVER: readonly ConsentState[] = ['connected', 'withdrawn'];

/** Makes a link void, or gives up what came of it. What was consented to in the tenant stays there. */
export class WithdrawConsent {
  constructor(private readonly ports: Pick<ConnectByOrganizationAppPorts, 'unitOfWork' | 'clock'>) {}

  /** Throws `consent.…`. */
  execute({ organizationId, customerId, actor }: ConsentCommand): Promise<Consent> {
    return this.ports.unitOfWork.inOrganization(organizationId, async ({ consents, audit }) => {
      const known = await consents.ofCustomer(customerId);
      if (known === null || OVER.includes(known.state)) throw consentingErrors.refuse('consent.not_found');
      const { version, id } = known;
      const next = { ...known, state: 'withdrawn' as const, dueAt: null, version: version + 1 };
      if (!(await consents.save(next, version))) throw consentingErrors.refuse('consent.changed_meanwhile');
      const at = this.ports.clock.now();
      const subject = { kind: 'consent', id };
      await audit.append([
        { organizationId, at, actor, action: 'consent.withdrawn', subject, customerId, details: {} },
      ]);
      return next;
    });
  }
}
