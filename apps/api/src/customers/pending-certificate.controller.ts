import { Controller } from '@nestjs/common';
import { routes, type PendingCertificateOut } from '#contracts';
import type { PendingCertificate } from '#core/tenancy';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { iso } from '../wire.js';
import { PendingCertificates } from './pending-certificates.js';
import { CustomerReader } from './customer-reader.js';
import { presentConnection } from './present-customer.js';

type Call = Pick<CallOf<typeof routes.activateCertificate>, 'actor' | 'params'>;

@Controller()
export class PendingCertificateController {
  constructor(
    private readonly customers: CustomerReader,
    private readonly pending: PendingCertificates,
  ) {}

  @Endpoint(routes.makeCertificate)
  async makeCertificate(call: CallOf<typeof routes.makeCertificate>) {
    return present(await this.pending.make.execute({ ...(await this.asked(call)), ...call.body }));
  }

  @Endpoint(routes.getPendingCertificate)
  async getPendingCertificate({ actor, params }: CallOf<typeof routes.getPendingCertificate>) {
    return present(await this.customers.pendingCertificate(actor, params.id));
  }

  @Endpoint(routes.activateCertificate)
  async activateCertificate(call: CallOf<typeof routes.activateCertificate>) {
    return presentConnection(await this.pending.activate.execute(await this.asked(call)));
  }

  @Endpoint(routes.discardCertificate)
  async discardCertificate(call: CallOf<typeof routes.discardCertificate>) {
    return present(await this.pending.discard.execute(await this.asked(call)));
  }

  private async asked({ actor, params }: Call) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'entra-connection:write');
    return { organizationId: actor.organizationId, customerId, actor: auditActor(actor) };
  }
}

/** Everything but the private key. */
const present = (pending: PendingCertificate): PendingCertificateOut => ({
  customerId: pending.customerId,
  subject: pending.subject,
  thumbprint: pending.thumbprint,
  thumbprintSha256: pending.thumbprintSha256,
  startsAt: iso(pending.startsAt),
  endsAt: iso(pending.endsAt),
  createdAt: iso(pending.createdAt),
  certificate: pending.certificate,
  der: pending.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, ''),
});
