import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { ChangeRoleCeiling } from '#core/access';
import { idOf } from '#core/shared';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { orNewer } from '../http/newer-instead.js';
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
    const by = { organizationId, actor: auditActor(actor) };
    const read = () => this.ceiling.read(actor);
    const changing = this.change.execute({ ...by, version: body.version, roles });
    await orNewer(changing, { code: 'role_ceiling.changed_meanwhile', read });
    return read();
  }
}
