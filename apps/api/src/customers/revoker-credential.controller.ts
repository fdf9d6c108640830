import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { RemoveRevokerCredential, SetRevokerCredential } from '#core/access';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { instantOf } from '../wire.js';
import { CustomerReader } from './customer-reader.js';
import { customerCredentialOf, presentRevokerCredential } from './present-customer.js';

@Controller()
export class RevokerCredentialController {
  constructor(
    private readonly customers: CustomerReader,
    private readonly set: SetRevokerCredential,
    private readonly remove: RemoveRevokerCredential,
  ) {}

  @Endpoint(routes.setRevokerCredential)
  async setRevokerCredential({ actor, params, body }: CallOf<typeof routes.setRevokerCredential>) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'entra-connection:write');
    const by = { organizationId: actor.organizationId, customerId, actor: auditActor(actor) };
    const credential = customerCredentialOf(body.credential);
    const { clientId, credentialEndsAt: endsAt } = body;
    const credentialEndsAt = endsAt === undefined ? null : instantOf(endsAt);
    return presentRevokerCredential(
      await this.set.execute({ ...by, clientId, credential, credentialEndsAt }),
    );
  }

  @Endpoint(routes.getRevokerCredential)
  async getRevokerCredential({ actor, params }: CallOf<typeof routes.getRevokerCredential>) {
    return presentRevokerCredential(await this.customers.revokerCredential(actor, params.id));
  }

  @Endpoint(routes.removeRevokerCredential)
  async removeRevokerCredential({ actor, params }: CallOf<typeof routes.removeRevokerCredential>) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'entra-connection:write');
    const by = { organizationId: actor.organizationId, customerId, actor: auditActor(actor) };
    return presentRevokerCredential(await this.remove.execute(by));
  }
}
