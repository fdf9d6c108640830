import { Controller } from '@nestjs/common';
import { routes } from '#contracts';
import { Leaving } from '#composition';
import type { RemovalCommand } from '#core/leaving';
import type { Actor, Permission } from '#core/identity';
import { idOf } from '#core/shared';
import { auditActor } from '../http/authorise.js';
import type { CallOf } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { pageOf } from '../wire.js';
import { AccountReader } from './account-reader.js';
import { CustomerReader } from './customer-reader.js';
import { presentAccount } from './present-account.js';
import { presentRemoval } from './present-removal.js';

@Controller()
export class RemovalsController {
  constructor(
    private readonly customers: CustomerReader,
    private readonly accounts: AccountReader,
    private readonly leaving: Leaving,
  ) {}

  @Endpoint(routes.removeEntraConnection)
  async removeEntraConnection({ actor, params }: CallOf<typeof routes.removeEntraConnection>) {
    const command = await this.commandOf(actor, params.id, 'entra-connection:remove');
    return presentRemoval(await this.leaving.removeConnection.execute(command));
  }

  @Endpoint(routes.removeCustomer)
  async removeCustomer({ actor, params }: CallOf<typeof routes.removeCustomer>) {
    const command = await this.commandOf(actor, params.id, 'customer:remove');
    return presentRemoval(await this.leaving.removeCustomer.execute(command));
  }

  @Endpoint(routes.getRemoval)
  async getRemoval({ actor, params }: CallOf<typeof routes.getRemoval>) {
    const customer = await this.customers.one(actor, params.id, 'account:read');
    return presentRemoval(await this.accounts.removal(customer));
  }

  @Endpoint(routes.leaveBehind)
  async leaveBehind({ actor, params, body }: CallOf<typeof routes.leaveBehind>) {
    const command = await this.commandOf(actor, params.id, 'entra-connection:leave-behind');
    const named = { reason: body.reason, accounts: body.accounts.map((id) => idOf<'account'>(id)) };
    return presentRemoval(await this.leaving.leaveBehind.execute({ ...command, ...named }));
  }

  @Endpoint(routes.listCustomerAccounts)
  async listCustomerAccounts({ actor, params, query }: CallOf<typeof routes.listCustomerAccounts>) {
    const { id: customerId } = await this.customers.one(actor, params.id, 'account:read');
    const accounts = await this.accounts.page(actor, { customerId }, query);
    return pageOf(accounts, { limit: query.limit, present: presentAccount, cursor: ({ id }) => id });
  }

  private async commandOf(actor: Actor, id: string, permission: Permission): Promise<RemovalCommand> {
    const { id: customerId, organizationId } = await this.customers.one(actor, id, permission);
    return { organizationId, customerId, actor: auditActor(actor) };
  }
}
