import { Controller } from '@nestjs/common';
import { Leaving } from '#composition';
import { routes } from '#contracts';
import type { Actor } from '#core/identity';
import type { ChangeTechnicianCommand } from '#core/leaving';
import { AccountReader } from '../customers/account-reader.js';
import { presentAccount } from '../customers/present-account.js';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { presentTechnician } from './present-technician.js';
import { TechnicianReader } from './technician-reader.js';

const ACCOUNTS_SHOWN = 100;

@Controller()
export class TechniciansController {
  constructor(
    private readonly technicians: TechnicianReader,
    private readonly accounts: AccountReader,
    private readonly leaving: Leaving,
  ) {}

  @Endpoint(routes.listTechnicians)
  async listTechnicians({ actor, query }: CallOf<typeof routes.listTechnicians>) {
    const technicians = await this.technicians.page(actor, query);
    return pageOf(technicians, { limit: query.limit, present: presentTechnician, cursor: ({ id }) => id });
  }

  @Endpoint(routes.getTechnician)
  async getTechnician({ actor, params }: CallOf<typeof routes.getTechnician>) {
    const technician = await this.technicians.one(actor, params.id);
    const technicianGroups = [...(await this.technicians.groupsOf(technician))];
    const page = { limit: ACCOUNTS_SHOWN };
    const accounts = await this.accountsOf(actor, params.id, page);
    return { ...presentTechnician(technician), technicianGroups, accounts };
  }

  @Endpoint(routes.listTechnicianAccounts)
  async listTechnicianAccounts({ actor, params, query }: CallOf<typeof routes.listTechnicianAccounts>) {
    return this.accountsOf(actor, params.id, query);
  }

  @Endpoint(routes.suspendTechnician)
  async suspendTechnician({ actor, params }: CallOf<typeof routes.suspendTechnician>) {
    return presentTechnician(await this.leaving.suspend.execute(await this.commandOf(actor, params.id)));
  }

  @Endpoint(routes.reinstateTechnician)
  async reinstateTechnician({ actor, params }: CallOf<typeof routes.reinstateTechnician>) {
    return presentTechnician(await this.leaving.reinstate.execute(await this.commandOf(actor, params.id)));
  }

  @Endpoint(routes.removeTechnician)
  async removeTechnician({ actor, params }: CallOf<typeof routes.removeTechnician>) {
    return presentTechnician(await this.leaving.remove.execute(await this.commandOf(actor, params.id)));
  }

  @Endpoint(routes.changeTechnicianRole)
  async changeTechnicianRole({ actor, params, body }: CallOf<typeof routes.changeTechnicianRole>) {
    const command = await this.commandOf(actor, params.id);
    return presentTechnician(await this.leaving.changeRole.execute({ ...command, role: body.role }));
  }

  private async accountsOf(
    actor: Actor,
    id: string,
    query: { readonly cursor?: string | undefined; readonly limit: number },
  ) {
    const { id: technicianId } = await this.technicians.one(actor, id, 'account:read');
    const accounts = await this.accounts.page(actor, { technicianId }, query);
    return pageOf(accounts, { limit: query.limit, present: presentAccount, cursor: (account) => account.id });
  }

  private async commandOf(actor: Actor, id: string): Promise<ChangeTechnicianCommand> {
    const { id: technicianId, organizationId } = await this.technicians.one(actor, id, 'technician:write');
    return { organizationId, technicianId, asRole: actor.role, actor: auditActor(actor) };
  }
}
