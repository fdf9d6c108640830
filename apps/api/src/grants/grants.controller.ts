import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { EndGrant, ExtendGrant } from '#core/grants';
import { auditActor, endReason } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { instantOf, pageOf } from '../wire.js';
import { GrantReader } from './grant-reader.js';
import { presentGrant } from './present-grant.js';

@Controller()
export class GrantsController {
  constructor(
    private readonly grants: GrantReader,
    private readonly end: EndGrant,
    private readonly extend: ExtendGrant,
  ) {}

  @Endpoint(routes.listGrants)
  async listGrants({ actor, query }: CallOf<typeof routes.listGrants>) {
    const grants = await this.grants.page(actor, query);
    return pageOf(grants, { limit: query.limit, present: presentGrant, cursor: ({ grant }) => grant.id });
  }

  @Endpoint(routes.getGrant)
  async getGrant({ actor, params }: CallOf<typeof routes.getGrant>) {
    return presentGrant(await this.grants.one(actor, params.id));
  }

  @Endpoint(routes.extendGrant)
  async extendGrant({ actor, params, body }: CallOf<typeof routes.extendGrant>) {
    const { grant, ...named } = await this.grants.one(actor, params.id, 'grant:extend');
    const { organizationId, id: grantId } = grant;
    const expiresAt = instantOf(body.expiresAt);
    const command = { organizationId, grantId, expiresAt, actor: auditActor(actor) };
    return presentGrant({ ...named, grant: await this.extend.execute(command) });
  }

  @Endpoint(routes.endGrant)
  async endGrant({ actor, params }: CallOf<typeof routes.endGrant>) {
    const { grant, ...named } = await this.grants.one(actor, params.id, 'grant:end');
    const { organizationId, id: grantId, technicianId } = grant;
    const reason = endReason(actor, technicianId);
    const command = { organizationId, grantId, reason, actor: auditActor(actor) };
    return presentGrant({ ...named, grant: await this.end.execute(command) });
  }
}
