import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { ChangeRoleCeiling } from '#core/access';
import { idOf } from '#core/shared';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { RoleCeilingReader } from './role-ceiling-reader.js';

@Controller()
export class RoleCeilingController {
  constructor(
    private readonly ceiling: RoleCeilingReader,
    private readonly change: ChangeRoleCeiling,
  ) {}

  @Endpoint(routes.getRoleCeiling)
  getRoleCeiling({ actor }: CallOf<typeof routes.getRoleCeiling>) {
    return this.ceiling.read(actor);
  }

  @Endpoint(routes.changeRoleCeiling)
  async changeRoleCeiling({ actor, body }: CallOf<typeof routes.changeRoleCeiling>) {
    const { organizationId } = actor;
    const roles = body.roles?.map((id) => idOf<'entra role'>(id)) ?? null;
    await this.change.execute({ organizationId, version: body.version, roles, actor: auditActor(actor) });
    return this.ceiling.read(actor);
  }
}
