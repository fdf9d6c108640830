import { Controller } from '@nestjs/common';
import { Leaving } from '#composition';
import { routes } from '#contracts';
import { CreateTechnicianGroup } from '#core/identity';
import { idOf } from '#core/shared';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { presentGroup } from './present-technician.js';
import { TechnicianReader } from './technician-reader.js';

@Controller()
export class TechnicianGroupsController {
  constructor(
    private readonly technicians: TechnicianReader,
    private readonly create: CreateTechnicianGroup,
    private readonly leaving: Leaving,
  ) {}

  @Endpoint(routes.createTechnicianGroup)
  async createTechnicianGroup({ actor, body, idempotency }: CallOf<typeof routes.createTechnicianGroup>) {
    const by = { organizationId: actor.organizationId, actor: auditActor(actor), idempotency };
    return presentGroup(await this.create.execute({ ...by, name: body.name }));
  }

  @Endpoint(routes.listTechnicianGroups)
  async listTechnicianGroups({ actor, query }: CallOf<typeof routes.listTechnicianGroups>) {
    const groups = await this.technicians.groups(actor, query);
    return pageOf(groups, { limit: query.limit, present: presentGroup, cursor: ({ id }) => id });
  }

  @Endpoint(routes.getTechnicianGroup)
  async getTechnicianGroup({ actor, params }: CallOf<typeof routes.getTechnicianGroup>) {
    const group = await this.technicians.group(actor, params.id);
    return { ...presentGroup(group), technicianIds: [...(await this.technicians.membersOf(group))] };
  }

  @Endpoint(routes.changeTechnicianGroup)
  async changeTechnicianGroup({ actor, params, body }: CallOf<typeof routes.changeTechnicianGroup>) {
    const { id: groupId, organizationId } = await this.technicians.group(
      actor,
      params.id,
      'technician-group:write',
    );
    const command = { organizationId, groupId, actor: auditActor(actor), ...body };
    return presentGroup(await this.leaving.changeGroup.execute(command));
  }

  @Endpoint(routes.setGroupMembers)
  async setGroupMembers({ actor, params, body }: CallOf<typeof routes.setGroupMembers>) {
    const known = await this.technicians.group(actor, params.id, 'technician-group:write');
    const technicianIds = body.technicianIds.map((id) => idOf<'technician'>(id));
    const of = { organizationId: known.organizationId, groupId: known.id, actor: auditActor(actor) };
    const group = await this.leaving.setMembers.execute({ ...of, technicianIds });
    return { ...presentGroup(group), technicianIds: [...(await this.technicians.membersOf(group))] };
  }
}
