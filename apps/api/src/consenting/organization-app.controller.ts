import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { RemoveOrganizationApp, SetOrganizationApp } from '#core/consenting';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { credentialOf } from '../customers/present-customer.js';
import { Endpoint } from '../http/endpoint.js';
import { instantOf } from '../wire.js';
import { OrganizationAppReader } from './organization-app-reader.js';

@Controller()
export class OrganizationAppController {
  constructor(
    private readonly apps: OrganizationAppReader,
    private readonly set: SetOrganizationApp,
    private readonly remove: RemoveOrganizationApp,
  ) {}

  @Endpoint(routes.setOrganizationApp)
  async setOrganizationApp({ actor, body }: CallOf<typeof routes.setOrganizationApp>) {
    const { cloud, tenantId, clientId, credentialEndsAt: endsAt } = body;
    const by = { organizationId: actor.organizationId, actor: auditActor(actor) };
    const credential = credentialOf(body.credential);
    const credentialEndsAt = endsAt === undefined ? null : instantOf(endsAt);
    await this.set.execute({ ...by, cloud, tenantId, clientId, credential, credentialEndsAt });
    return this.apps.read(actor, cloud);
  }

  @Endpoint(routes.getOrganizationApp)
  getOrganizationApp({ actor, query }: CallOf<typeof routes.getOrganizationApp>) {
    return this.apps.read(actor, query.cloud);
  }

  @Endpoint(routes.removeOrganizationApp)
  async removeOrganizationApp({ actor, query }: CallOf<typeof routes.removeOrganizationApp>) {
    const by = { organizationId: actor.organizationId, actor: auditActor(actor) };
    return this.apps.present(await this.remove.execute({ ...by, cloud: query.cloud }), 0);
  }
}
